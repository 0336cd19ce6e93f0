using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>The sizes of a fractional pooling over [N, C, H, W].</summary>
/// <param name="Planes">N C.</param>
/// <param name="Input">H and W.</param>
/// <param name="Output">Sizes of the result.</param>
/// <param name="Kernel">Sizes of a window.</param>
internal sealed record FractionalWindows(long Planes, long[] Input, long[] Output, long[] Kernel)
{
    /// <summary>Reads and checks a node's attributes.</summary>
    internal static FractionalWindows Of(AttributeSet attributes, Shape input, SpatialWindow.Refusal refuse)
    {
        var kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, attributes.Get(WindowAttributes.Kernel) ?? [2], 2, refuse);
        var output = SpatialWindow.PerAxis(FractionalMaxPool.OutputSize, attributes.Get(FractionalMaxPool.OutputSize), 2, refuse);
        for (var axis = 0; axis < 2; axis++)
        {
            if (kernel[axis] < 1 || output[axis] < 1 || kernel[axis] > input[2 + axis] || output[axis] > input[2 + axis] - kernel[axis] + 1)
                refuse("VKN2337", $"{output[axis]} windows of {kernel[axis]} elements do not fit spatial axis {axis} of {input}", "windows begin at different elements: size >= windows + kernel - 1");
        }
        return new FractionalWindows(input[0] * input[1], [input[2], input[3]], output, kernel);
    }

    /// <summary>The sizes of a node that has been checked.</summary>
    internal static FractionalWindows Of(AttributeSet attributes, Shape input) => Of(attributes, input, (_, message, _) => throw new InvalidOperationException(message));

    /// <summary>Elements from one window to the next on average.</summary>
    internal float Ratio(int axis) => Output[axis] == 1 ? 0 : (float)(Input[axis] - Kernel[axis]) / (Output[axis] - 1);

    /// <summary>The first element of a window. Computed in single precision, as kernels do, so that both round alike.</summary>
    internal long Begin(int axis, long window, float sample)
    {
        if (window == Output[axis] - 1) return Input[axis] - Kernel[axis];
        var (there, origin) = ((float)((float)(window + sample) * Ratio(axis)), (float)(sample * Ratio(axis)));
        return Math.Clamp((long)MathF.Floor(there) - (long)MathF.Floor(origin), 0, Input[axis] - Kernel[axis]);
    }
}
