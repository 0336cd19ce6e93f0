using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf.Cases;

/// <summary>Convolutions with constant weights; the chain of layout conversions at the borders of the one-node graph is not counted.</summary>
internal static class ConvolutionCases
{
    public static IEnumerable<PerfCase> All()
    {
        yield return Layer(1, 64, 56, 64, 3, 1, 1, quick: true);
        yield return Layer(1, 128, 28, 128, 3, 1, 1);
        yield return Layer(1, 256, 14, 256, 3, 1, 1);
        yield return Layer(1, 512, 7, 512, 3, 1, 1);
        yield return Layer(1, 64, 56, 256, 1, 1, 0);
        yield return Layer(1, 256, 14, 1024, 1, 1, 0);
        yield return Layer(1, 3, 224, 64, 7, 2, 3);
        yield return Layer(1, 144, 56, 144, 3, 1, 1, groups: 144);
    }

    private static PerfCase Layer(long batch, long channels, long size, long filters, long kernel, long stride, long padding, long groups = 1, bool quick = false)
    {
        var output = (size + 2 * padding - kernel) / stride + 1;
        var depth = channels / groups;
        return new PerfCase
        {
            Kernel = groups == 1 ? "conv" : "conv_grouped",
            Shape = $"{batch}x{channels}x{size}x{size} k{kernel} s{stride} f{filters}" + (groups > 1 ? $" g{groups}" : ""),
            Quick = quick,
            Flops = 2.0 * batch * filters * output * output * depth * kernel * kernel,
            Bytes = 4.0 * (batch * channels * size * size + filters * depth * kernel * kernel + batch * filters * output * output),
            // Winograd's transforms amplify rounding; its error is reported beside the time.
            Tolerance = 1e-4,
            Build = builder =>
            {
                var x = builder.Input("x", TensorType.Float(batch, channels, size, size));
                var w = builder.Constant(PerfCase.Random("w", filters, depth, kernel, kernel), "w");
                var attributes = AttributeSet.Empty.With("stride", new[] { stride, stride }).With("padding", new[] { padding, padding }).With("groups", groups);
                builder.Output("y", builder.Apply("conv2d", attributes, x, w));
            },
            Reference = (values, index) =>
            {
                var column = index % output;
                var row = index / output % output;
                var filter = index / output / output % filters;
                var item = index / output / output / filters;
                var first = filter / (filters / groups) * depth;
                double sum = 0;
                for (var c = 0L; c < depth; c++)
                    for (var i = 0L; i < kernel; i++)
                        for (var j = 0L; j < kernel; j++)
                        {
                            var (y, x) = (row * stride + i - padding, column * stride + j - padding);
                            if (y < 0 || y >= size || x < 0 || x >= size) continue;
                            sum += (double)values["x"][((item * channels + first + c) * size + y) * size + x] * values["w"][((filter * depth + c) * kernel + i) * kernel + j];
                        }
                return sum;
            },
        };
    }
}
