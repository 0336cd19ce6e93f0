namespace VkNet.Compilation;

/// <summary>The pieces of device memory that a plan is laid out in. Each is an ordered list of arenas within the device's limits.</summary>
public enum MemoryBlock
{
    /// <summary>Results and workspaces; shared by the slots of a session, because runs follow one another.</summary>
    Activations,

    /// <summary>Inputs; one copy per slot.</summary>
    Inputs,

    /// <summary>Outputs; one copy per slot.</summary>
    Outputs,

    /// <summary>Scalars that change from run to run; host-visible, one copy per slot.</summary>
    RunBlock,

    /// <summary>Constants; shared by all sessions of a model.</summary>
    Weights,

    /// <summary>Carried tensors; one copy per session.</summary>
    States,

    /// <summary>Used while the model is loaded, then freed: raw weights that are packed or folded.</summary>
    Setup,
}
