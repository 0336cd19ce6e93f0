using VkNet.Compilation;
using VkNet.Tensors;

namespace VkNet.Operators.Layout.Lowering;

/// <summary>Boxes of channels-last tensors as strided regions: axes in the order batch, spatial axes, channels in fours.</summary>
internal static class ChannelsLastRegion
{
    /// <summary>Strides of a channels-last tensor for its axes as they lie, innermost last.</summary>
    internal static long[] Strides(DeviceTensor tensor)
    {
        var rank = tensor.Shape.Rank;
        var strides = new long[rank];
        strides[^1] = 1;
        long stride = tensor.TexelPitch * 4L;
        for (var axis = rank - 1; axis >= 2; axis--)
        {
            strides[axis - 1] = stride;
            stride *= tensor.Shape[axis];
        }
        strides[0] = stride;
        return strides;
    }

    /// <summary>One number per logical axis, reordered as the axes lie.</summary>
    internal static long[] Order(ReadOnlySpan<long> logical) => [logical[0], .. logical[2..], logical[1]];

    /// <summary>Sizes as they lie, channels filled up to whole texels.</summary>
    internal static long[] Sizes(Shape shape) => Order(shape.With(1, (shape[1] + 3) / 4 * 4).AsSpan());

    /// <summary>The element at logical coordinates, which must begin on a whole texel.</summary>
    internal static long ElementAt(DeviceTensor tensor, ReadOnlySpan<long> logical)
    {
        var (place, strides) = (Order(logical), Strides(tensor));
        var element = tensor.FirstTexel * 4L;
        for (var i = 0; i < place.Length; i++) element += place[i] * strides[i];
        return element;
    }

    /// <summary>Whether a range of channels begins and ends on whole texels; it may also end where the channels do.</summary>
    internal static bool IsOnTexels(long channels, long start, long step, long count) => step == 1 && start % 4 == 0 && (count % 4 == 0 || start + count == channels);
}
