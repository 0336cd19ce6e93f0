using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf.Cases;

/// <summary>Operators bound by memory: their figure is bytes a second beside the measured copy.</summary>
internal static class MemoryCases
{
    public static IEnumerable<PerfCase> All()
    {
        long[] picture = [16, 64, 56, 56];
        yield return Of("relu", "16x64x56x56", picture, 2, (b, x) => b.Apply("relu", null, x), quick: true);
        yield return Of("add", "16x64x56x56", picture, 3, (b, x) => b.Apply("add", null, x, b.Input("z", x.Type)));
        yield return Of("add_channel", "16x64x56x56", picture, 2, (b, x) => b.Apply("add", null, x, b.Constant(PerfCase.Random("c", 64, 1, 1), "c")));
        yield return Of("sigmoid", "16x64x56x56", picture, 2, (b, x) => b.Apply("sigmoid", null, x));
        yield return Of("softmax", "4096x1000", [4096, 1000], 2, (b, x) => b.Apply("softmax", null, x));
        yield return Of("layer_norm", "4096x768", [4096, 768], 2, (b, x) => b.Apply("layer_norm", null, x, b.Constant(PerfCase.Random("s", 768), "s"), b.Constant(PerfCase.Random("t", 768), "t")));
        yield return Of("group_norm", "16x64x56x56 g32", picture, 2, (b, x) => b.Apply("group_norm", AttributeSet.Empty.With("groups", 32L), x, b.Constant(PerfCase.Random("s", 64), "s"), b.Constant(PerfCase.Random("t", 64), "t")));
        yield return Of("reduce_sum", "4096x1000", [4096, 1000], 1, (b, x) => b.Apply("reduce_sum", AttributeSet.Empty.With("axes", new long[] { 1 }), x));
        yield return Pool("max_pool2d", "4x64x112x112 k3 s2 p1", [4, 64, 112, 112], 3, 2, 1);
        yield return Pool("max_pool2d", "4x64x112x112 k2 s2", [4, 64, 112, 112], 2, 2, 0);
        yield return Pool("avg_pool2d", "4x192x28x28 k3 s1 p1", [4, 192, 28, 28], 3, 1, 1);
        yield return Of("global_avg_pool", "16x512x14x14", [16, 512, 14, 14], 1, (b, x) => b.Apply("global_avg_pool2d", null, b.Apply("conv2d", AttributeSet.Empty.With("groups", 512L), x, b.Constant(PerfCase.Random("w", 512, 1, 1, 1), "w"))), counted: "pooling");
        yield return Of("transpose", "2048x2048", [2048, 2048], 2, (b, x) => b.Apply("transpose", AttributeSet.Empty.With("permutation", new long[] { 1, 0 }), x));
        foreach (var kilobytes in new long[] { 16, 64, 256, 1024, 4096, 16384, 65536 })
            yield return Of("relu", $"{kilobytes}KiB", [kilobytes * 256], 2, (b, x) => b.Apply("relu", null, x), set: "sweep");
    }

    // Channels-last, as pooling lies between convolutions: the depthwise convolution in front makes the compiler choose it, and is not counted.
    private static PerfCase Pool(string name, string shape, long[] sizes, long kernel, long stride, long padding) =>
        Of(name, shape, sizes, 1 + 1.0 / (stride * stride), (b, x) =>
        {
            var weight = b.Constant(PerfCase.Random("w", sizes[1], 1, 1, 1), "w");
            var attributes = AttributeSet.Empty.With("kernel", new[] { kernel, kernel }).With("stride", new[] { stride, stride }).With("padding", new[] { padding, padding });
            return b.Apply(name, attributes, b.Apply("conv2d", AttributeSet.Empty.With("groups", sizes[1]), x, weight));
        }, counted: "pooling");

    private static PerfCase Of(string name, string shape, long[] sizes, double passes, Func<GraphBuilder, Value, Value> apply, bool quick = false, string set = PerfCase.Core, string? counted = null) => new()
    {
        Set = set,
        Kernel = name,
        Shape = shape,
        Quick = quick,
        Counted = counted,
        Bytes = 4.0 * passes * sizes.Aggregate(1L, (a, b) => a * b),
        Tolerance = 1e-5,
        Build = builder => builder.Output("y", apply(builder, builder.Input("x", TensorType.Float(sizes)))),
    };
}
