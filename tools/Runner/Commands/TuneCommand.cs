using System.CommandLine;
using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;
using VkNet.Tensors;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet tune</c>: measures kernel variants and stores which is fastest for which node.</summary>
internal sealed class TuneCommand : RunnerCommand
{
    private readonly Option<string?> _for = new("--for") { Description = "Tune the nodes of this graph; without it, layers that are common in networks", HelpName = "GRAPH" };
    private readonly Option<string[]> _bind = new("--bind") { Description = "Size of a symbol of that graph, e.g. N=8; 1 where it is left open", HelpName = "NAME=SIZE" };
    private readonly Option<bool> _quick = new("--quick") { Description = "Few rounds" };
    private readonly Option<bool> _clear = new("--clear") { Description = "Forget what was found before" };

    protected override string Name => "tune";

    protected override string Description => "Measures kernel variants on this device, each after its result was verified, and stores the fastest for later compilations.";

    protected override bool SavesWhenInterrupted => true;

    protected override IReadOnlyList<string> Examples => ["vknet tune", "vknet tune --for examples/networks/resnet18.yaml --quick"];

    protected override IEnumerable<Symbol> Symbols => [_for, _bind, _quick, _clear];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        using var device = OpenDevice(arguments);
        var nodes = (arguments.GetValue(_for) is { } path ? NodesOf(path, arguments, new CompilerOptions { Profile = device.Profile }) : CommonLayers())
            .Where(n => n.Operator is ITunable).DistinctBy(TuningTable.KeyOf).ToList();
        var tuner = new VariantTuner(device, StandardOperators.Registry, arguments.GetValue(_quick) ? 5 : 15);
        var results = new List<TuningResult>();
        using var progress = new ProgressLine(Error, nodes.Count);
        try
        {
            foreach (var node in nodes)
            {
                progress.Next(TuningTable.KeyOf(node));
                if (tuner.Tune(node, cancellation) is not { } result) continue;
                results.Add(result);
                progress.Line(TuningTable.KeyOf(node));
                foreach (var wrong in result.Wrong) Error.WriteLine($"  {wrong}: WRONG RESULT, not used");
                foreach (var (kernels, milliseconds) in result.Tried.OrderBy(t => t.Value)) Error.WriteLine(FormattableString.Invariant($"  {milliseconds,9:0.000} ms  {kernels}"));
            }
        }
        catch (OperationCanceledException) when (results.Count > 0)
        {
            // What was measured is worth keeping.
        }
        progress.Dispose();
        var file = TuningTable.Update(device.Profile, known => results.Aggregate(arguments.GetValue(_clear) ? TuningTable.Empty : known, (table, r) => r.Variant is { } variant ? table.With(r.Key, variant) : table.Without(r.Key)));
        Report(arguments, device.Profile, file, results);
        if (cancellation.IsCancellationRequested) return CommandLine.Cancelled;
        return results.Any(r => r.Wrong.Count > 0) ? (int)ErrorKind.Check : 0;
    }

    private void Report(ParseResult arguments, Devices.DeviceProfile device, string file, List<TuningResult> results)
    {
        if (arguments.GetValue(CommonOptions.Json))
        {
            JsonReport.Write(Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("device", device.Name);
                json.WriteBoolean("software", device.IsSoftware);
                json.WriteString("table", file);
                json.WriteStartArray("choices");
                foreach (var result in results)
                {
                    json.WriteStartObject();
                    json.WriteString("node", result.Key);
                    json.WriteString("variant", result.Variant);
                    json.WriteReal("ms", result.Milliseconds);
                    json.WriteReal("defaultMs", result.DefaultMilliseconds);
                    json.WriteStartArray("wrong");
                    foreach (var wrong in result.Wrong) json.WriteStringValue(wrong);
                    json.WriteEndArray();
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }
        foreach (var result in results.Where(r => r.Variant is not null))
            Output.WriteLine(FormattableString.Invariant($"{result.Variant,-20} {result.DefaultMilliseconds:0.000} -> {result.Milliseconds:0.000} ms  {result.Key}"));
        Output.WriteLine($"{results.Count} kinds of nodes measured, {results.Count(r => r.Variant is not null)} run faster than by default: {file}");
    }

    // The nodes as kernels will see them: after the passes.
    private IEnumerable<Node> NodesOf(string path, ParseResult arguments, CompilerOptions options)
    {
        var model = ModelLoader.Load(path);
        var graph = GraphBinding.Build(model, new Dictionary<string, string>(), Assignments.Sizes("--bind", arguments.GetValue(_bind)), Error);
        GraphCompiler.Compile(graph, options with { Observe = (_, g) => graph = g });
        return graph.Nodes;
    }

    private static IEnumerable<Node> CommonLayers()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "common layers");
        var count = 0;
        foreach (var (channels, size, filters, kernel) in new (long, long, long, long)[]
        {
            (64, 56, 64, 3), (128, 28, 128, 3), (256, 14, 256, 3), (512, 7, 512, 3), (64, 56, 64, 1), (64, 56, 256, 1), (256, 56, 64, 1), (128, 28, 512, 1), (512, 28, 128, 1),
            (256, 14, 1024, 1), (1024, 14, 256, 1), (512, 7, 2048, 1), (16, 55, 64, 3), (32, 27, 128, 3), (96, 28, 128, 3), (32, 112, 16, 1), (16, 112, 96, 1), (96, 56, 24, 1), (192, 28, 32, 1),
        })
        {
            var weight = builder.Constant(Tensor.Zeros(DataType.Float32, [filters, channels, kernel, kernel]));
            builder.Output($"y{count++}", builder.Apply("conv2d", AttributeSet.Empty.With("padding", new[] { kernel / 2 }), builder.Input($"x{count}", TensorType.Float(1, channels, size, size)), weight));
        }
        foreach (var (rows, columns, depth) in new (long, long, long)[] { (1, 1000, 512), (1, 4096, 4096), (16, 2048, 512), (64, 512, 512), (128, 768, 768), (512, 512, 512), (1024, 1024, 1024) })
            builder.Output($"y{count++}", builder.Apply("matmul", null, builder.Input($"x{count}", TensorType.Float(rows, depth)), builder.Constant(Tensor.Zeros(DataType.Float32, [depth, columns]))));
        return builder.Build().Nodes;
    }
}
