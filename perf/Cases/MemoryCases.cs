using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf.Cases;

/// <summary>Operators bound by memory: their figure is bytes a second beside the measured copy.</summary>
internal static class MemoryCases
{
    public static IEnumerable<PerfCase> All()
    {
        yield return Of("relu", "16x64x56x56", [16, 64, 56, 56], 2, (b, x) => b.Apply("relu", null, x));
        yield return Of("add", "16x64x56x56", [16, 64, 56, 56], 3, (b, x) => b.Apply("add", null, x, b.Input("z", x.Type)));
        yield return Of("softmax", "4096x1000", [4096, 1000], 2, (b, x) => b.Apply("softmax", null, x));
        yield return Of("reduce_sum", "4096x1000", [4096, 1000], 1, (b, x) => b.Apply("reduce_sum", AttributeSet.Empty.With("axes", new long[] { 1 }), x));
        yield return Of("max_pool2d", "1x64x112x112 k3 s2", [1, 64, 112, 112], 1.25, (b, x) =>
            b.Apply("max_pool2d", AttributeSet.Empty.With("kernel", new long[] { 3, 3 }).With("stride", new long[] { 2, 2 }).With("padding", new long[] { 1, 1 }), x));
        yield return Of("transpose", "2048x2048", [2048, 2048], 2, (b, x) => b.Apply("transpose", AttributeSet.Empty.With("permutation", new long[] { 1, 0 }), x));
    }

    private static PerfCase Of(string name, string shape, long[] sizes, double passes, Func<GraphBuilder, Value, Value> apply) => new()
    {
        Kernel = name,
        Shape = shape,
        Bytes = 4.0 * passes * sizes.Aggregate(1L, (a, b) => a * b),
        Tolerance = 1e-6,
        Build = builder => builder.Output("y", apply(builder, builder.Input("x", TensorType.Float(sizes)))),
    };
}
