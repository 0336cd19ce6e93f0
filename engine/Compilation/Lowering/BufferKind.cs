namespace VkNet.Compilation;

/// <summary>Which memory a virtual buffer lives in, and for how long.</summary>
public enum BufferKind
{
    /// <summary>A result or workspace: placed in the session's arena, shares memory with others that live at other times.</summary>
    Activation,

    /// <summary>Fed by the caller; one copy per slot.</summary>
    Input,

    /// <summary>Read by the caller; one copy per slot.</summary>
    Output,

    /// <summary>A scalar of the run block; one copy per slot.</summary>
    RunValue,

    /// <summary>Constant through all runs: weights, folded and packed constants.</summary>
    Constant,

    /// <summary>Carried from one run to the next.</summary>
    State,
}
