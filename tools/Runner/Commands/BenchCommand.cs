using System.CommandLine;
using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;
using VkNet.Tensors;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet bench</c>: how fast a graph runs, and where the time goes, beside the device's measured peak.</summary>
internal sealed class BenchCommand : RunnerCommand
{
    private const int ProfiledRuns = 5;

    private readonly GraphOptions _graph = new();
    private readonly Option<int> _iterations = new("--iterations") { Description = "Timed runs, after three for warming up", HelpName = "N", DefaultValueFactory = _ => 30 };
    private readonly Option<string?> _baseline = new("--baseline") { Description = "An earlier --json; exit code 4 when the median is slower by more than a tenth and by more than both runs' spread", HelpName = "FILE" };

    private readonly Option<string?> _html = new("--html") { Description = "Write a self-contained page: latency, and every call beside the measured peaks", HelpName = "FILE" };

    protected override string Name => "bench";

    protected override string Description => "Measures latency and throughput with random inputs, and every call against the device's measured peak.";

    protected override IReadOnlyList<string> Examples => 
    [
        "vknet bench examples/networks/squeezenet.yaml --iterations 50 --html squeezenet.html",
        "vknet bench examples/networks/lenet5.yaml --bind N=8 --json > before.json",
        "vknet bench examples/networks/lenet5.yaml --bind N=8 --baseline before.json",
    ];

    protected override IEnumerable<Symbol> Symbols => [.. _graph.All, _graph.ShapeInput, _iterations, _baseline, _html];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var iterations = arguments.GetValue(_iterations);
        if (iterations < 1) throw new VkNetException("VKN7033", $"--iterations is {iterations}", "give at least 1");
        (double MedianMs, double SpreadMs)? baseline = arguments.GetValue(_baseline) is { } file ? BenchReport.ReadBaseline(file) : null;
        var model = ModelLoader.Load(arguments.GetValue(_graph.Graph)!);
        var graph = GraphBinding.Build(model, Assignments.Split("--input", arguments.GetValue(_graph.ShapeInput)), Assignments.Sizes("--bind", arguments.GetValue(_graph.Bind)), Error);
        var weights = ModelLoader.Weights(model.WeightsFile, arguments.GetValue(_graph.Weights), arguments.GetValue(_graph.Init) ?? 1);
        using var device = OpenDevice(arguments);
        using var stages = new Stages(Error, cancellation);
        stages.Begin("measuring the device's peak");
        var speed = DeviceSpeed.Measure(device);
        stages.Begin("compiling");
        var plan = GraphCompiler.Compile(graph, CompilerSettings.From(arguments, _graph, device.Profile, Error));
        stages.Begin("loading weights and making pipelines");
        using var compiled = CompiledModel.Load(device, plan, weights);
        var inputs = plan.Inputs.Select((input, i) => RandomInput(input.Value.Type, i)).ToArray();
        stages.Finish();
        using var progress = new ProgressLine(Error, iterations + 3 + ProfiledRuns + 1);
        var times = Time(compiled, inputs, iterations, progress, cancellation);
        var calls = Profile(compiled, inputs, progress, cancellation);
        progress.Dispose();
        var report = new BenchReport(plan, graph.Nodes.Sum(n => n.Operator.Cost(n).Flops), speed, times, calls);
        if (arguments.GetValue(CommonOptions.Json)) report.WriteJson(Output, device.Profile);
        else report.WriteText(Output);
        if (arguments.GetValue(_html) is { } page) report.WriteHtml(page, device.Profile.Name);
        if (baseline is null) return 0;
        Error.WriteLine(FormattableString.Invariant($"median {report.MedianMs:0.000} ms, baseline {baseline.Value.MedianMs:0.000} ms"));
        return report.IsSlowerThan(baseline.Value) ? (int)ErrorKind.Check : 0;
    }

    // The first run, then the timed ones, in milliseconds.
    private static double[] Time(CompiledModel compiled, Tensor[] inputs, int iterations, ProgressLine progress, CancellationToken cancellation)
    {
        using var session = compiled.CreateSession(slots: 1);
        var outputs = session.AllocateOutputs();
        var times = new List<double>();
        for (var i = 0; i < iterations + 3; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Next(i == 0 ? "first run" : i < 4 ? "warming up" : "timing");
            var start = Stopwatch.GetTimestamp();
            session.Run(inputs, outputs);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return [times[0], .. times.Skip(3)];
    }

    // Device time of every call, in nanoseconds: medians of a few runs; null where the device writes no timestamps.
    private static double[]? Profile(CompiledModel compiled, Tensor[] inputs, ProgressLine progress, CancellationToken cancellation)
    {
        using var session = compiled.CreateSession(slots: 1, profile: true);
        var outputs = session.AllocateOutputs();
        var runs = new List<double[]>();
        for (var i = 0; i <= ProfiledRuns; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Next("timing every call");
            session.Run(inputs, outputs);
            if (session.LastTimings is not { } timings) return null;
            if (i > 0) runs.Add([.. timings]);
        }
        return [.. Enumerable.Range(0, runs[0].Length).Select(call => runs.Select(r => r[call]).Order().ElementAt(runs.Count / 2))];
    }

    // Numbers from 0 to 1: of use as pictures, as probabilities and, rounded down, as indices of anything.
    private static Tensor RandomInput(TensorType type, int seed)
    {
        var tensor = Tensor.Zeros(type);
        if (!type.DataType.IsFloat()) return tensor;
        var random = new Random(seed);
        var values = new double[tensor.Count];
        for (var i = 0; i < values.Length; i++) values[i] = random.NextDouble();
        ElementConversion.StoreReals(tensor, values);
        return tensor;
    }
}
