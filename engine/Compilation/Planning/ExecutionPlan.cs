using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Everything needed to run a graph on a device of the profile it was compiled for, as plain data: calls, places in memory, barriers,
/// parameters. It holds no device object and can be printed, compared and checked without one.
/// </summary>
public sealed class ExecutionPlan
{
    /// <summary>The graph's name.</summary>
    public required string Name { get; init; }

    /// <summary>Calls that run once when the model is loaded: packing and folding of constants.</summary>
    public required PlanSection Setup { get; init; }

    /// <summary>Calls that are recorded once and replayed on every run.</summary>
    public required PlanSection Main { get; init; }

    /// <summary>All buffers with their places.</summary>
    public required IReadOnlyDictionary<VirtualBuffer, Placement> Placements { get; init; }

    /// <summary>Sizes in bytes of the arenas of each block.</summary>
    public required IReadOnlyDictionary<MemoryBlock, long[]> Arenas { get; init; }

    /// <summary>Inputs fed on every run, in order.</summary>
    public required IReadOnlyList<KeyValuePair<string, DeviceTensor>> Inputs { get; init; }

    /// <summary>Scalars of the run block.</summary>
    public required IReadOnlyList<KeyValuePair<string, DeviceTensor>> RunValues { get; init; }

    /// <summary>Carried tensors.</summary>
    public required IReadOnlyList<KeyValuePair<string, DeviceTensor>> States { get; init; }

    /// <summary>Results, in order.</summary>
    public required IReadOnlyList<KeyValuePair<string, DeviceTensor>> Outputs { get; init; }

    /// <summary>The axis along which an output's size depends on data, by the output's name; see <see cref="Graphs.Graph.Extents"/>.</summary>
    public IReadOnlyDictionary<string, int> Extents { get; init; } = new Dictionary<string, int>();

    /// <summary>Inputs whose values the plan was compiled for.</summary>
    public required IReadOnlyDictionary<string, Tensor> BoundValues { get; init; }

    /// <summary>Memory planned, possible and saved.</summary>
    public required MemoryReport Memory { get; init; }

    /// <summary>The same plan with another memory report.</summary>
    internal ExecutionPlan WithMemory(MemoryReport memory) => new()
    {
        Name = Name, Setup = Setup, Main = Main, Placements = Placements, Arenas = Arenas, Inputs = Inputs, RunValues = RunValues, States = States, Outputs = Outputs, Extents = Extents, BoundValues = BoundValues, Memory = memory,
    };

    /// <summary>Where a slice lies, or null for a zero-size one that was never placed.</summary>
    internal (MemoryBlock Block, int Arena, long Start, long End) Locate(TensorSlice slice)
    {
        var place = Placements[slice.Buffer];
        return (place.Block, place.Arena, place.Offset + slice.Offset, place.Offset + slice.Offset + slice.Bytes);
    }
}
