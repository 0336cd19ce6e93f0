using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf.Cases;

/// <summary>Matrix products: the left side is an input, the right side a constant packed once.</summary>
internal static class GemmCases
{
    public static IEnumerable<PerfCase> All()
    {
        yield return Product(256, 256, 256, quick: true);
        yield return Product(512, 512, 512, quick: true);
        yield return Product(1000, 1000, 1000);
        yield return Product(1024, 1024, 1024, quick: true);
        yield return Product(2048, 2048, 2048);
        yield return Product(1, 4096, 4096);
        yield return Product(16, 2048, 512);
    }

    private static PerfCase Product(long rows, long columns, long depth, bool quick = false) => new()
    {
        Kernel = "gemm",
        Shape = $"{rows}x{columns}x{depth}",
        Quick = quick,
        Flops = 2.0 * rows * columns * depth,
        Bytes = 4.0 * (rows * depth + depth * columns + rows * columns),
        Tolerance = 1e-6 * Math.Sqrt(depth),
        Build = builder =>
        {
            var a = builder.Input("a", TensorType.Float(rows, depth));
            var b = builder.Constant(PerfCase.Random("b", depth, columns), "b");
            builder.Output("y", builder.Apply("matmul", null, a, b));
        },
        Reference = (values, index) =>
        {
            var (row, column) = (index / columns, index % columns);
            double sum = 0;
            for (var k = 0L; k < depth; k++) sum += (double)values["a"][row * depth + k] * values["b"][k * columns + column];
            return sum;
        },
    };
}
