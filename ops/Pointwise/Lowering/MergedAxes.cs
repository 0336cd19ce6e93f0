using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;
using TensorLayout = VkNet.Graphs.Layout;

namespace VkNet.Operators.Pointwise.Lowering;

/// <summary>
/// The axes of a tensor as kernels walk them, innermost first, merged where every tensor taking part allows it: axes of size 1 are left
/// out, and neighbours become one where each tensor's stride goes on from one to the other.
/// </summary>
internal sealed class MergedAxes
{
    private MergedAxes(List<long> sizes, List<long[]> strides, long innerCount)
    {
        Sizes = sizes;
        Strides = strides;
        InnerCount = innerCount;
    }

    /// <summary>Sizes, innermost first, padding of channels included; at least one.</summary>
    internal IReadOnlyList<long> Sizes { get; }

    /// <summary>For each axis, the stride of each tensor in elements; 0 where it is repeated.</summary>
    internal IReadOnlyList<long[]> Strides { get; }

    /// <summary>How many places of axis 0 hold elements; the rest is padding.</summary>
    internal long InnerCount { get; }

    /// <summary>Whether axis 0 ends in padding.</summary>
    internal bool IsPadded => InnerCount < Sizes[0];

    /// <summary>Number of places, padding included.</summary>
    internal long Count => Sizes.Aggregate(1L, (a, b) => checked(a * b));

    /// <summary>Whether a tensor is a single element everywhere.</summary>
    internal bool IsScalar(int tensor) => Strides.All(s => s[tensor] == 0);

    /// <summary>Whether a tensor lies exactly as the target.</summary>
    internal bool IsFull(int tensor)
    {
        long stride = 1;
        for (var axis = 0; axis < Sizes.Count; axis++)
        {
            if (Strides[axis][tensor] != stride) return false;
            stride *= Sizes[axis];
        }
        return true;
    }

    /// <summary>The axes of <paramref name="target"/>, with the strides of tensors that broadcast to it.</summary>
    internal static MergedAxes Of(DeviceTensor target, IReadOnlyList<DeviceTensor> tensors)
    {
        var rank = target.Shape.Rank;
        IEnumerable<int> order = target.Layout == TensorLayout.Dense ? Enumerable.Range(0, rank) : [0, .. Enumerable.Range(2, rank - 2), 1];
        var strides = tensors.Select(t => StridesIn(t, target.Shape)).ToArray();
        var sizes = new List<long>();
        var merged = new List<long[]>();
        var innerCount = target.Layout == TensorLayout.Dense ? long.MaxValue : target.Shape[1];
        foreach (var axis in order.Reverse())
        {
            var isPaddedChannel = target.Layout != TensorLayout.Dense && axis == 1 && target.PaddedChannels != target.Shape[1];
            var size = isPaddedChannel ? target.PaddedChannels : target.Shape[axis];
            var own = strides.Select(s => s[axis]).ToArray();
            if (size == 1) continue;
            var canMerge = merged.Count > 0 && !(merged.Count == 1 && innerCount < sizes[0])
                && own.Select((s, t) => s == merged[^1][t] * sizes[^1]).All(same => same);
            if (canMerge) sizes[^1] = checked(sizes[^1] * size);
            else
            {
                sizes.Add(size);
                merged.Add(own);
            }
        }
        if (sizes.Count == 0)
        {
            sizes.Add(1);
            merged.Add(new long[tensors.Count]);
        }
        return new MergedAxes(sizes, merged, Math.Min(innerCount < long.MaxValue && target.PaddedChannels != target.Shape[1] ? innerCount : long.MaxValue, sizes[0]));
    }

    /// <summary>The strides of a tensor along the axes of a shape that it broadcasts to.</summary>
    internal static long[] StridesIn(DeviceTensor tensor, Shape target)
    {
        var own = PhysicalStrides(tensor);
        var result = new long[target.Rank];
        for (var axis = 0; axis < target.Rank; axis++)
        {
            var index = axis - (target.Rank - tensor.Shape.Rank);
            result[axis] = index < 0 || tensor.Shape[index] == 1 ? 0 : own[index];
        }
        return result;
    }

    /// <summary>Elements between neighbours along each logical axis, in the tensor's own layout.</summary>
    internal static long[] PhysicalStrides(DeviceTensor tensor)
    {
        if (tensor.Layout == TensorLayout.Dense) return tensor.Shape.Strides();
        var strides = new long[tensor.Shape.Rank];
        strides[1] = 1;
        var stride = tensor.PaddedChannels;
        for (var axis = tensor.Shape.Rank - 1; axis >= 2; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(1, tensor.Shape[axis]);
        }
        strides[0] = stride;
        return strides;
    }
}
