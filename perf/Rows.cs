using System.Globalization;

namespace VkNet.Perf;

/// <summary>
/// The ratios by which the kernels are judged under Mesa's CPU driver: each compares two figures of one run, so that the machine's speed
/// cancels out. perf/README.md explains them.
/// </summary>
/// <param name="document">The results.</param>
/// <param name="useBest">Whether least times are compared instead of medians: for machines that are busy with other things.</param>
internal sealed class Rows(Report.Document document, bool useBest)
{
    private sealed record Row(string Name, double Limit, double? Value, bool IsCeiling = false);

    /// <summary>Whether a case is needed for the rows.</summary>
    public static bool Needs(PerfCase item) => item.Set is PerfCase.Core or "lstm" or "networks" && item is not { Set: "networks", Shape: "resnet50" };

    /// <summary>Writes the rows whose cases were run.</summary>
    public void Write(TextWriter output)
    {
        foreach (var row in All().Where(r => r.Value is not null))
        {
            var reached = row.IsCeiling ? row.Value <= row.Limit : row.Value >= row.Limit;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-78} {(row.IsCeiling ? "at most" : "at least")} {row.Limit,5:0.00}  {row.Value,6:0.00}{(reached ? "" : "  not reached")}"));
        }
    }

    private IEnumerable<Row> All()
    {
        var reference = Rate("core", "gemm", "1024x1024x1024");
        yield return new Row("SGEMM 1024 / OpenBLAS, 2 threads", 0.60, Peer("core", "gemm", "1024x1024x1024", "OpenBLAS") / Time("core", "gemm", "1024x1024x1024"));
        foreach (var size in new[] { "1024x1024x1024", "2048x2048x2048" })
            yield return new Row($"SGEMM {size} / multiply-add peak at 512 bits", 0.37, Rate("core", "gemm", size) / document.PeakGflops);
        foreach (var (shape, limit) in new[] { ("512x512x512", 0.9), ("1000x1000x1000", 0.85), ("1024x1024x1024 A'", 0.9), ("1024x1024x1024 B'", 0.9) })
            yield return new Row($"SGEMM {shape} / 1024", limit, Rate("core", "gemm", shape) / reference);
        yield return new Row("GEMV 4096 / best texel reads", 0.8, Bandwidth("core", "gemv", "1x4096x4096") / document.TexelReadGbps);
        yield return new Row("time of conv 3x3 64->64 56x56 / onnxruntime, 1 thread", 1.3, Time("core", "conv", "1x64x56x56 k3 s1 f64") / Peer("core", "conv", "1x64x56x56 k3 s1 f64", "onnxruntime 1"), IsCeiling: true);
        foreach (var shape in new[] { "1x64x56x56 k3 s1 f64", "8x64x56x56 k3 s1 f64", "8x128x28x28 k3 s1 f128", "8x256x14x14 k3 s2 f256" })
        {
            // The rate of the implicit product, which minimal filtering does not show: that of the data gradient's other half.
            yield return new Row($"weight gradient / data gradient, {shape}", 0.7, Rate("core", "conv_weights_grad", shape) / Rate("core", "conv_data_grad", shape));
            yield return new Row($"data gradient / SGEMM 1024, {shape}", 0.7, Rate("core", "conv_data_grad", shape) / reference);
        }
        foreach (var (kernel, limit) in new[] { ("relu", 0.8), ("add", 0.8), ("add_channel", 0.8), ("max_pool2d", 0.6), ("avg_pool2d", 0.6), ("layer_norm", 0.6), ("group_norm", 0.6), ("softmax", 0.6), ("conv_depthwise", 0.4) })
            foreach (var result in document.Results.Where(r => r.Set == PerfCase.Core && r.Kernel == kernel && r.Correct))
                yield return new Row($"GB/s of {kernel} {result.Shape} / copy", limit, Bandwidth(PerfCase.Core, kernel, result.Shape) / document.CopyGbps);
        var own = Rate("networks", "gemm", "1024x1024x1024");
        foreach (var (name, limit) in new[] { ("vgg16", 1.0), ("resnet18", 0.7), ("googlenet", 0.55), ("squeezenet", 0.45), ("mobilenet_v2", 0.25) })
            yield return new Row($"nominal GFLOP/s of {name} / SGEMM 1024", limit, Rate("networks", "network", name) / own);
        // 61 million weights of which all but 2.3 million are read by products of one row; 1.33 GFLOP in convolutions.
        yield return new Row("alexnet: (weight bytes / texel reads + conv FLOPs / SGEMM rate) / time", 0.75, ((4 * 58.6e6 / document.TexelReadGbps / 1e6) + (1.33e9 / own / 1e6)) / Time("networks", "network", "alexnet"));
        // The same products by themselves, over the calls of the layer.
        yield return new Row("LSTM 512, batch 16, 64 steps: recurrent part / its products", 0.7, 64 * Time("lstm", "gemm", "16x2048x512") / LstmCalls(recurrent: true));
        yield return new Row("LSTM 512, batch 16, 64 steps: input projection / its product", 0.9, Time("lstm", "gemm", "1024x2048x512") / LstmCalls(recurrent: false));
    }

    // The recurrent part begins with the product of the first step; what stands before it serves all steps.
    private double? LstmCalls(bool recurrent)
    {
        if (Find("lstm", "lstm", "h512 n16 t64") is not { } layer) return null;
        var first = layer.Calls.TakeWhile(c => !c.Kernel.StartsWith("recurrent/", StringComparison.Ordinal)).Count() - 1;
        return (recurrent ? layer.Calls.Skip(first) : layer.Calls.Take(first)).Sum(c => useBest ? c.BestMs : c.Ms);
    }

    private PerfResult? Find(string set, string kernel, string shape) => document.Results.FirstOrDefault(r => r.Set == set && r.Kernel == kernel && r.Shape == shape && r.Correct);

    private double? Time(string set, string kernel, string shape) => Find(set, kernel, shape) is { } result ? useBest ? result.BestMs : result.Ms : null;

    private double? Rate(string set, string kernel, string shape) => Find(set, kernel, shape) is { } result ? result.Gflops * result.Ms / Time(set, kernel, shape) : null;

    private double? Bandwidth(string set, string kernel, string shape) => Find(set, kernel, shape) is { } result ? result.Gbps * result.Ms / Time(set, kernel, shape) : null;

    private double? Peer(string set, string kernel, string shape, string name)
    {
        if (Find(set, kernel, shape) is not { } result) return null;
        return (useBest ? result.PeersBest : result.Peers).TryGetValue(name, out var milliseconds) ? milliseconds : null;
    }
}
