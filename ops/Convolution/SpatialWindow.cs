using System.Diagnostics.CodeAnalysis;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>
/// How windows slide over the spatial axes of a tensor [N, C, spatial...]. Window o covers the input positions
/// o * Stride - PadBegin + k * Dilation for k = 0 ... Kernel - 1, along each axis by itself.
/// </summary>
/// <param name="Kernel">Taps of a window.</param>
/// <param name="Stride">Step between windows.</param>
/// <param name="Dilation">Distance between taps.</param>
/// <param name="PadBegin">Padding before the first element; negative padding cuts off.</param>
/// <param name="PadEnd">Padding after the last element.</param>
internal sealed record SpatialWindow(long[] Kernel, long[] Stride, long[] Dilation, long[] PadBegin, long[] PadEnd)
{
    /// <summary>Number of spatial axes.</summary>
    public int Rank => Kernel.Length;

    /// <summary>Product of the kernel's sizes.</summary>
    public long Taps
    {
        get
        {
            var taps = 1L;
            foreach (var size in Kernel) taps = checked(taps * size);
            return taps;
        }
    }

    /// <summary>Whether every tap of every window has the position of the output: a 1x1 window without stride or padding.</summary>
    public bool IsPointwise => Taps == 1 && !Stride.AsSpan().ContainsAnyExcept(1L) && !PadBegin.AsSpan().ContainsAnyExcept(0L) && !PadEnd.AsSpan().ContainsAnyExcept(0L);

    /// <summary>Reports attributes that do not fit; does not return.</summary>
    public delegate void Refusal(string code, string message, string? help);

    /// <summary>Reads the window of a node whose attributes have been checked.</summary>
    public static SpatialWindow Of(AttributeSet attributes, int rank, ReadOnlySpan<long> kernel, ReadOnlySpan<long> sizes) =>
        Read(attributes, rank, kernel, sizes, (_, message, _) => throw new InvalidOperationException(message));

    /// <summary>Reads and checks the window of a node being built.</summary>
    public static SpatialWindow Of(InferenceContext context, int rank, ReadOnlySpan<long> kernel, ReadOnlySpan<long> sizes) =>
        Read(context.Attributes, rank, kernel, sizes, (code, message, help) => context.Fail(code, message, help));

    /// <summary>Number of taps that one list attribute gives per axis.</summary>
    public static long[] PerAxis(AttributeDefinition<long[]> definition, long[] values, int rank, Refusal refuse)
    {
        if (values.Length == 1 && rank != 1)
        {
            var all = new long[rank];
            Array.Fill(all, values[0]);
            return all;
        }
        if (values.Length != rank) refuse("VKN2301", $"'{definition.Name}' has {values.Length} numbers, but there are {rank} spatial axes", "give one number for all axes, or one per axis");
        return values;
    }

    /// <summary>Extent of a window along an axis, gaps of dilation included.</summary>
    public long Extent(int axis) => checked((Kernel[axis] - 1) * Dilation[axis] + 1);

    /// <summary>What the windows mean for receptive fields.</summary>
    public IReadOnlyList<WindowExtent> Extents() => [.. Enumerable.Range(0, Rank).Select(axis => new WindowExtent(Extent(axis), Stride[axis]))];

    /// <summary>Number of windows along an axis of the given size.</summary>
    /// <param name="axis">The spatial axis.</param>
    /// <param name="size">Size of the input along it.</param>
    /// <param name="ceiling">Whether a last window that hangs over the padded end counts, provided it begins inside the input or the padding before it.</param>
    /// <returns>The number; negative when even the first window does not fit.</returns>
    public long Count(int axis, long size, bool ceiling = false)
    {
        var room = checked(size + PadBegin[axis] + PadEnd[axis] - Extent(axis));
        if (room < 0) return size == 0 ? 0 : -1;
        var count = (ceiling ? room + Stride[axis] - 1 : room) / Stride[axis] + 1;
        return ceiling && (count - 1) * Stride[axis] >= size + PadBegin[axis] ? count - 1 : count;
    }

    /// <summary>The sizes of the output for an input [N, C, spatial...], refused when a window does not fit.</summary>
    public long[] OutputSizes(InferenceContext context, Shape input, bool ceiling = false)
    {
        var sizes = new long[Rank];
        for (var i = 0; i < Rank; i++)
        {
            sizes[i] = Count(i, input[2 + i], ceiling);
            if (sizes[i] < 0)
                context.Fail("VKN2302", $"a window of {Extent(i)} elements does not fit spatial axis {i} of {input}, which has {input[2 + i]} elements and {PadBegin[i]} + {PadEnd[i]} of padding", "output size = floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1");
        }
        return sizes;
    }

    /// <summary>The same window over three axes: missing outer axes have size 1.</summary>
    public SpatialWindow ToThreeAxes() => new(Pad(Kernel, 1), Pad(Stride, 1), Pad(Dilation, 1), Pad(PadBegin, 0), Pad(PadEnd, 0));

    /// <summary>The spatial sizes of a tensor [N, C, spatial...] over three axes.</summary>
    public static long[] ThreeAxes(Shape shape) => Pad(shape.AsSpan()[2..], 1);

    private static long[] Pad(ReadOnlySpan<long> values, long filler)
    {
        var result = new long[3];
        var missing = result.Length - values.Length;
        Array.Fill(result, filler, 0, missing);
        values.CopyTo(result.AsSpan(missing));
        return result;
    }

    /// <summary>Reads and checks a window.</summary>
    public static SpatialWindow Read(AttributeSet attributes, int rank, ReadOnlySpan<long> kernel, ReadOnlySpan<long> sizes, Refusal refuse)
    {
        var stride = PerAxis(WindowAttributes.Stride, attributes.Get(WindowAttributes.Stride), rank, refuse);
        var dilation = PerAxis(WindowAttributes.Dilation, attributes.Get(WindowAttributes.Dilation), rank, refuse);
        RequirePositive("kernel", kernel, refuse);
        RequirePositive("stride", stride, refuse);
        RequirePositive("dilation", dilation, refuse);
        var automatic = attributes.Get(WindowAttributes.AutoPadding);
        if (automatic == "explicit")
        {
            var padding = attributes.Get(WindowAttributes.Padding);
            if (padding.Length == 2 * rank) return new SpatialWindow(kernel.ToArray(), stride, dilation, padding[..rank], padding[rank..]);
            var both = PerAxis(WindowAttributes.Padding, padding, rank, refuse);
            return new SpatialWindow(kernel.ToArray(), stride, dilation, [.. both], [.. both]);
        }
        var window = new SpatialWindow(kernel.ToArray(), stride, dilation, new long[rank], new long[rank]);
        switch (automatic)
        {
            case "valid":
                return window;
            case "same" or "same_lower":
                for (var i = 0; i < rank; i++)
                {
                    var total = Math.Max(0, checked(((sizes[i] + stride[i] - 1) / stride[i] - 1) * stride[i] + window.Extent(i)) - sizes[i]);
                    var smaller = total / 2;
                    (window.PadBegin[i], window.PadEnd[i]) = automatic == "same" ? (smaller, total - smaller) : (total - smaller, smaller);
                }
                return window;
            default:
                refuse("VKN2303", $"auto_padding is '{automatic}'", $"choose one of {string.Join(", ", WindowAttributes.AutoPadding.Choices)}");
                return window;
        }
    }

    private static void RequirePositive(string name, ReadOnlySpan<long> values, Refusal refuse)
    {
        foreach (var value in values)
            if (value < 1) refuse("VKN2304", $"'{name}' is {value}; it must be at least 1", null);
    }
}
