using VkNet.Devices;

namespace VkNet.Compilation;

/// <summary>What a graph is compiled for and how.</summary>
public sealed record CompilerOptions
{
    /// <summary>The device's facts; the compiler never touches a device.</summary>
    public required DeviceProfile Profile { get; init; }

    /// <summary>Whether nodes are fused.</summary>
    public bool Fuse { get; init; } = true;

    /// <summary>Whether tensors may share memory; false gives every tensor a place of its own, to bisect trouble.</summary>
    public bool ReuseMemory { get; init; } = true;

    /// <summary>
    /// Most bytes that activations, inputs and outputs of one slot may take; tensors are computed again where that helps. Null for no limit.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>Whether a barrier stands before every call, to bisect trouble.</summary>
    public bool FullBarriers { get; init; }

    /// <summary>Whether kernels that trade accuracy for speed (Winograd) are refused.</summary>
    public bool Exact { get; init; }

    /// <summary>How the constant weights of products and convolutions are stored. With half precision Winograd kernels are refused: they would multiply the rounding.</summary>
    public StoragePrecision Precision { get; init; }

    /// <summary>Whether convolutional regions may lie channels-last.</summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>A variant name that kernel choice must take wherever a family has it and the device can run it; null leaves the choice free.</summary>
    public string? Variant { get; init; }

    /// <summary>Variants found fastest for nodes of this device; null takes the defaults. <see cref="Variant"/> comes before it.</summary>
    public TuningTable? Tuning { get; init; }

    /// <summary>Whether parameters become constants (inference) or are carried from run to run (training).</summary>
    public bool Training { get; init; }

    /// <summary>
    /// Whether a carried tensor may be laid out right behind another, by their names: plans over a store that has them take them as they lie
    /// (<see cref="Execution.WeightStore.MayFollow"/>). Null where nothing lies anywhere yet.
    /// </summary>
    public Func<string, string, bool>? MayFollow { get; init; }

    /// <summary>Called for neighbours that were not fused, with the reason.</summary>
    public Action<FusionRefusal>? Refused { get; init; }

    /// <summary>Called with the name of each pass and the graph after it.</summary>
    public Action<string, Graphs.Graph>? Observe { get; init; }
}
