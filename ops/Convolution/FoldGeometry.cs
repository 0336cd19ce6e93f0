using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>The windows of an unfolding: a tensor [N, C, spatial...] and its columns [N, C taps, windows].</summary>
/// <param name="Window">The windows.</param>
/// <param name="Sizes">Spatial sizes of the tensor.</param>
/// <param name="Counts">Windows along each axis.</param>
internal sealed record FoldGeometry(SpatialWindow Window, long[] Sizes, long[] Counts)
{
    /// <summary>Number of windows.</summary>
    internal long Windows => Counts.Aggregate(1L, (a, b) => checked(a * b));

    /// <summary>Reads and checks the windows over a tensor of these spatial sizes.</summary>
    internal static FoldGeometry Of(AttributeSet attributes, long[] sizes, SpatialWindow.Refusal refuse)
    {
        if (attributes.Get(WindowAttributes.Kernel) is not { } given)
        {
            refuse("VKN2306", "'kernel' is missing", "say how large the windows are, e.g. kernel: 3");
            throw new InvalidOperationException("a refusal does not return");
        }
        var kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, given, sizes.Length, refuse);
        var window = SpatialWindow.Read(attributes, sizes.Length, kernel, sizes, refuse);
        var counts = new long[sizes.Length];
        for (var axis = 0; axis < counts.Length; axis++)
        {
            counts[axis] = window.Count(axis, sizes[axis]);
            if (counts[axis] < 0) refuse("VKN2302", $"a window of {window.Extent(axis)} elements does not fit spatial axis {axis} of size {sizes[axis]} with {window.PadBegin[axis]} + {window.PadEnd[axis]} of padding", null);
        }
        return new FoldGeometry(window, sizes, counts);
    }

    /// <summary>The windows of a node whose attributes have been checked.</summary>
    internal static FoldGeometry Of(AttributeSet attributes, long[] sizes) => Of(attributes, sizes, (_, message, _) => throw new InvalidOperationException(message));

    /// <summary>Visits every element of the columns of one channel that is not on the padding: its place there, and its place in the channel's plane.</summary>
    internal void ForEach(Action<long, long> visit)
    {
        var window = Window.ToThreeAxes();
        var (sizes, counts) = (Three(Sizes), Three(Counts));
        var windows = Windows;
        for (var tap = 0L; tap < window.Taps; tap++)
        for (var o = 0L; o < windows; o++)
        {
            var z = Position(0, o / (counts[1] * counts[2]), tap / (window.Kernel[1] * window.Kernel[2]));
            var y = Position(1, o / counts[2] % counts[1], tap / window.Kernel[2] % window.Kernel[1]);
            var x = Position(2, o % counts[2], tap % window.Kernel[2]);
            if (z >= 0 && y >= 0 && x >= 0 && z < sizes[0] && y < sizes[1] && x < sizes[2]) visit(tap * windows + o, (z * sizes[1] + y) * sizes[2] + x);
        }

        long Position(int axis, long o, long k) => o * window.Stride[axis] - window.PadBegin[axis] + k * window.Dilation[axis];
    }

    /// <summary>Sizes over three axes: missing outer ones are 1.</summary>
    internal static long[] Three(long[] sizes) => [.. Enumerable.Repeat(1L, 3 - sizes.Length), .. sizes];
}
