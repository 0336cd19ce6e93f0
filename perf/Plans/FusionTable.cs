using System.Diagnostics;
using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Perf.Plans;

/// <summary>
/// What fusion saves on whole networks, beside what it should save: the unfused plan's extra bytes at the speed of a shader copy, and its
/// extra dispatches at the measured cost of a dispatch. <c>perf/run --fusion</c>.
/// </summary>
internal static class FusionTable
{
    // What fusion saves of a network that mostly reads weights is a few hundredths of its time: many pairs of runs find it where single ones differ by more.
    private const int LeastRounds = 15;
    private const double MostSeconds = 6;

    public static void Write(TextWriter output, ComputeDevice device, DeviceSpeed speed, IReadOnlyList<string> files)
    {
        var dispatch = DispatchCost(device);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"copy {speed.CopyGbps:0.0} GB/s, a dispatch {dispatch * 1e6:0.0} us"));
        output.WriteLine("| network | unfused, ms | fused, ms | saved, ms | extra bytes, MB | extra dispatches | expected, ms | saved / expected |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var (name, graph) in Networks.Load(files))
        {
            var options = new CompilerOptions { Profile = device.Profile };
            var (unfused, fused) = (GraphCompiler.Compile(graph, options with { Fuse = false }), GraphCompiler.Compile(graph, options));
            var times = Time(device, unfused, fused, out var saved);
            var bytes = unfused.Main.Calls.Sum(c => c.Bytes) - fused.Main.Calls.Sum(c => c.Bytes);
            var dispatches = unfused.Main.Dispatches - fused.Main.Dispatches;
            var expected = (bytes / (speed.CopyGbps * 1e9)) + (dispatches * dispatch);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {times[0] * 1e3:0.00} | {times[1] * 1e3:0.00} | {saved * 1e3:0.00} | {bytes / 1e6:0.0} | {dispatches} | {expected * 1e3:0.00} | {saved / expected:0.00} |"));
        }
    }

    // The slope between a chain of few and a chain of many small calls, each waiting for the one before.
    private static double DispatchCost(ComputeDevice device)
    {
        Time(device, Chain(device, 600), Chain(device, 100), out var difference);
        return difference / 500;
    }

    private static ExecutionPlan Chain(ComputeDevice device, int length)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "chain");
        var value = builder.Input("x", TensorType.Float(64));
        for (var i = 0; i < length; i++) value = builder.Apply("tanh", AttributeSet.Empty, value);
        builder.Output("y", value);
        return GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = device.Profile, Fuse = false });
    }

    // Medians of runs in turn, and of what the second takes less than the first beside it.
    private static double[] Time(ComputeDevice device, ExecutionPlan first, ExecutionPlan second, out double difference)
    {
        ExecutionPlan[] plans = [first, second];
        var models = plans.Select(p => CompiledModel.Load(device, p, new InitializedWeights(1))).ToArray();
        var sessions = models.Select(m => m.CreateSession(1)).ToArray();
        var inputs = plans.Select(p => p.Inputs.Select(i => Tensor.Zeros(i.Value.Type)).ToArray()).ToArray();
        var outputs = sessions.Select(s => s.AllocateOutputs()).ToArray();
        List<double>[] times = [[], []];
        var total = Stopwatch.StartNew();
        for (var round = -2; round < LeastRounds || total.Elapsed.TotalSeconds < MostSeconds; round++)
            for (var turn = 0; turn < 2; turn++)
            {
                // Who goes first finds the caches as the other left them: they take turns at that, too.
                var i = (turn + round) & 1;
                var clock = Stopwatch.StartNew();
                sessions[i].Run(inputs[i], outputs[i]);
                if (round >= 0) times[i].Add(clock.Elapsed.TotalSeconds);
            }
        foreach (var session in sessions) session.Dispose();
        foreach (var model in models) model.Dispose();
        difference = Median(times[0].Zip(times[1], (a, b) => a - b));
        return [.. times.Select(Median)];
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
}
