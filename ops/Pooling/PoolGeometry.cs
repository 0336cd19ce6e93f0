using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>Which input elements every window of a pooling covers, over three spatial axes (missing outer ones have size 1).</summary>
/// <param name="Window">The sliding window; for adaptive pooling its kernel is the largest window.</param>
/// <param name="Planes">Number of images times channels.</param>
/// <param name="Input">Spatial sizes of the input.</param>
/// <param name="Output">Spatial sizes of the output.</param>
/// <param name="Adaptive">Whether window o covers floor(o * input / output) up to ceil((o + 1) * input / output).</param>
/// <param name="CountPadding">Whether averages count the padding.</param>
internal sealed record PoolGeometry(SpatialWindow Window, long Planes, long[] Input, long[] Output, bool Adaptive, bool CountPadding)
{
    /// <summary>Number of input elements in a plane.</summary>
    public long InputPlane => Input[0] * Input[1] * Input[2];

    /// <summary>Number of output elements in a plane.</summary>
    public long OutputPlane => Output[0] * Output[1] * Output[2];

    /// <summary>The geometry of a checked node: sliding windows, or adaptive ones where the node has an 'output_size'.</summary>
    public static PoolGeometry Of(AttributeSet attributes, int axes, Shape input, Shape output)
    {
        var (inputSizes, outputSizes) = (SpatialWindow.ThreeAxes(input), SpatialWindow.ThreeAxes(output));
        var planes = input[0] * input[1];
        if (attributes.Get(PoolAttributes.OutputSize) is not null)
        {
            var largest = new long[3];
            for (var i = 0; i < 3; i++) largest[i] = outputSizes[i] == 0 ? 1 : Math.Min(inputSizes[i], inputSizes[i] / outputSizes[i] + 2);
            return new(new SpatialWindow(largest, [1, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]), planes, inputSizes, outputSizes, true, false);
        }
        var window = SpatialWindow.Of(attributes, axes, KernelOf(attributes, axes), input.AsSpan()[2..]);
        return new(window.ToThreeAxes(), planes, inputSizes, outputSizes, false, attributes.Get(PoolAttributes.CountIncludePad));
    }

    /// <summary>The 'kernel' attribute, one number per axis.</summary>
    public static long[] KernelOf(AttributeSet attributes, int axes) =>
        SpatialWindow.PerAxis(WindowAttributes.Kernel!, attributes.Get(WindowAttributes.Kernel)!, axes, (_, message, _) => throw new InvalidOperationException(message));

    /// <summary>Calls <paramref name="visit"/> with every window and the input elements that it covers, both as numbers within their plane.</summary>
    public void ForEachWindow(Action<int, List<int>> visit)
    {
        var covered = new List<int>();
        for (long d = 0; d < Output[0]; d++)
        for (long h = 0; h < Output[1]; h++)
        for (long w = 0; w < Output[2]; w++)
        {
            covered.Clear();
            foreach (var z in Positions(0, d))
            foreach (var y in Positions(1, h))
            foreach (var x in Positions(2, w)) covered.Add((int)((z * Input[1] + y) * Input[2] + x));
            visit((int)((d * Output[1] + h) * Output[2] + w), covered);
        }
    }

    /// <summary>What an average over window <paramref name="window"/> of a plane divides by.</summary>
    public double Divisor(int window)
    {
        long[] position = [window / (Output[1] * Output[2]), window / Output[2] % Output[1], window % Output[2]];
        long count = 1;
        for (var axis = 0; axis < 3; axis++)
            count *= CountPadding ? Taps(axis, position[axis]).Count(x => x < Input[axis] + Window.PadEnd[axis]) : Positions(axis, position[axis]).Count();
        return Math.Max(1, count);
    }

    /// <summary>The parameter block of the kernels that include <c>pooling/windows.glsl</c>.</summary>
    /// <param name="channels">Channels of an image.</param>
    /// <param name="items">Invocations that do something.</param>
    /// <param name="exponent">p of a p-norm.</param>
    public PoolingWindow.Parameters Parameters(long channels, long items, double exponent = 1) => checked(new PoolingWindow.Parameters
    {
        Items = (int)items,
        Channels = (int)channels,
        Exponent = (float)exponent,
        InputDepth = (int)Input[0], InputHeight = (int)Input[1], InputWidth = (int)Input[2],
        OutputDepth = (int)Output[0], OutputHeight = (int)Output[1], OutputWidth = (int)Output[2],
        KernelDepth = (int)Window.Kernel[0], KernelHeight = (int)Window.Kernel[1], KernelWidth = (int)Window.Kernel[2],
        StrideDepth = (int)Window.Stride[0], StrideHeight = (int)Window.Stride[1], StrideWidth = (int)Window.Stride[2],
        DilationDepth = (int)Window.Dilation[0], DilationHeight = (int)Window.Dilation[1], DilationWidth = (int)Window.Dilation[2],
        PadBeginDepth = (int)Window.PadBegin[0], PadBeginHeight = (int)Window.PadBegin[1], PadBeginWidth = (int)Window.PadBegin[2],
        PadEndDepth = (int)Window.PadEnd[0], PadEndHeight = (int)Window.PadEnd[1], PadEndWidth = (int)Window.PadEnd[2],
    });

    // Positions of the taps of window o, those outside the input included.
    private IEnumerable<long> Taps(int axis, long o)
    {
        var start = Adaptive ? o * Input[axis] / Output[axis] : o * Window.Stride[axis] - Window.PadBegin[axis];
        var count = Adaptive ? ((o + 1) * Input[axis] + Output[axis] - 1) / Output[axis] - start : Window.Kernel[axis];
        for (long t = 0; t < count; t++) yield return start + t * Window.Dilation[axis];
    }

    private IEnumerable<long> Positions(int axis, long o) => Taps(axis, o).Where(x => x >= 0 && x < Input[axis]);
}
