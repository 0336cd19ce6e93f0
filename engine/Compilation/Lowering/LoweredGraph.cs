using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>A graph as calls over virtual buffers, before memory is planned.</summary>
internal sealed class LoweredGraph
{
    internal required string Name { get; init; }

    internal required List<PlanCall> Setup { get; init; }

    internal required List<PlanCall> Main { get; init; }

    internal required IReadOnlyList<VirtualBuffer> Buffers { get; init; }

    internal required IReadOnlyList<KeyValuePair<string, DeviceTensor>> Inputs { get; init; }

    internal required IReadOnlyList<KeyValuePair<string, DeviceTensor>> RunValues { get; init; }

    internal required IReadOnlyList<KeyValuePair<string, DeviceTensor>> States { get; init; }

    internal required IReadOnlyList<KeyValuePair<string, DeviceTensor>> Outputs { get; init; }

    internal required IReadOnlyDictionary<string, int> Extents { get; init; }

    internal required IReadOnlyDictionary<string, Tensor> BoundValues { get; init; }
}
