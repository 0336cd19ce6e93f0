using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf.Cases;

/// <summary>Matrix products: the left side is an input, the right side a constant packed once.</summary>
internal static class GemmCases
{
    // Rows, columns, depth of the products in Baidu's DeepBench: training and inference of speech, vision and language models.
    private static readonly long[][] DeepBench =
    [
        [1760, 16, 1760], [1760, 32, 1760], [1760, 64, 1760], [1760, 128, 1760], [2048, 16, 2048], [2048, 32, 2048], [2048, 64, 2048], [2048, 128, 2048],
        [2560, 16, 2560], [2560, 64, 2560], [5124, 700, 2048], [35, 700, 2048], [35, 700, 2560], [35, 1500, 2048], [35, 1500, 2560],
        [3072, 1, 1024], [3072, 2, 1024], [3072, 4, 1024], [7680, 1, 2560], [7680, 4, 2560], [64, 1, 1216], [512, 1500, 2816], [1024, 1500, 1536], [512, 6000, 2560],
    ];

    public static IEnumerable<PerfCase> All()
    {
        yield return Product(PerfCase.Core, 256, 256, 256, quick: true);
        yield return Product(PerfCase.Core, 512, 512, 512, quick: true);
        yield return Product(PerfCase.Core, 1000, 1000, 1000);
        yield return Product(PerfCase.Core, 1024, 1024, 1024, quick: true);
        yield return Product(PerfCase.Core, 1024, 1024, 1024, transposeLeft: true);
        yield return Product(PerfCase.Core, 1024, 1024, 1024, transposeRight: true);
        yield return Product(PerfCase.Core, 1024, 1024, 1024, constant: false);
        yield return Product(PerfCase.Core, 2048, 2048, 2048);
        yield return Product(PerfCase.Core, 1, 4096, 4096, quick: true);
        yield return Product(PerfCase.Core, 1, 4096, 4096, transposeRight: true, constant: false);
        yield return Product(PerfCase.Core, 16, 2048, 512);
        yield return Product(PerfCase.Core, 1024, 2048, 512);
        foreach (var size in DeepBench) yield return Product("deepbench", size[0], size[1], size[2]);
        // A dense layer while it learns: forward, gradient in the weights, gradient in the input.
        foreach (var (batch, wide, narrow) in new (long, long, long)[] { (64, 400, 120), (64, 120, 84), (64, 84, 10), (128, 1024, 1024) })
        {
            yield return Product("learning", batch, narrow, wide, transposeRight: true, constant: false);
            yield return Product("learning", narrow, wide, batch, transposeLeft: true, constant: false);
            yield return Product("learning", batch, wide, narrow, constant: false);
        }
        foreach (var size in new long[] { 32, 64, 128, 256, 512 }) yield return Product("learning", size, size, size, constant: false);
        foreach (var size in new long[] { 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048 }) yield return Product("sweep", size, size, size);
        foreach (var rows in new long[] { 1, 2, 3, 4, 7, 8, 12, 16, 24, 32, 48, 64, 128 }) yield return Product("sweep", rows, 1024, 1024);
        foreach (var odd in new long[] { 127, 255, 257, 511, 513, 1023 }) yield return Product("sweep", odd, odd, odd);
    }

    internal static PerfCase Product(string set, long rows, long columns, long depth, bool transposeLeft = false, bool transposeRight = false, bool constant = true, bool quick = false) => new()
    {
        Set = set,
        Kernel = rows == 1 || columns == 1 ? "gemv" : "gemm",
        Shape = $"{rows}x{columns}x{depth}{(transposeLeft ? " A'" : "")}{(transposeRight ? " B'" : "")}{(constant ? "" : " unpacked")}",
        Quick = quick,
        Flops = 2.0 * rows * columns * depth,
        Bytes = 4.0 * (rows * depth + depth * columns + rows * columns),
        Tolerance = 1e-6 * Math.Sqrt(depth),
        Build = builder =>
        {
            var a = builder.Input("a", transposeLeft ? TensorType.Float(depth, rows) : TensorType.Float(rows, depth));
            long[] right = transposeRight ? [columns, depth] : [depth, columns];
            var b = constant ? builder.Constant(PerfCase.Random("b", right), "b") : builder.Input("b", TensorType.Float(right));
            var attributes = AttributeSet.Empty.With("transpose_a", transposeLeft).With("transpose_b", transposeRight);
            builder.Output("y", builder.Apply("matmul", attributes, a, b));
        },
        Reference = (values, index) =>
        {
            var (row, column) = (index / columns, index % columns);
            var (a, b) = (values["a"], values["b"]);
            double sum = 0;
            for (var k = 0L; k < depth; k++)
                sum += (double)a[transposeLeft ? k * rows + row : row * depth + k] * b[transposeRight ? column * depth + k : k * columns + column];
            return sum;
        },
        OpenBlas = Peers.OpenBlas.IsPresent ? values => Peers.OpenBlas.Product(values["a"], values["b"], rows, columns, depth, transposeLeft, transposeRight) : null,
    };
}
