using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Perf;

/// <summary>
/// Measures cases: each is compiled, its result is checked, and then all are timed in turn, round after round, so that a slow moment of the
/// machine falls on all alike. A case whose result is wrong gets no time.
/// </summary>
internal sealed class Harness(ComputeDevice device, string? variant, int rounds)
{
    // Conversions at the border of a one-node graph: in a network they stand at its border, not at each layer.
    private static readonly string[] BorderKernels = ["layout/to_channels_last", "layout/from_channels_last"];

    private sealed record Prepared(PerfCase Case, CompiledModel Model, InferenceSession Session, Tensor[] Inputs, Tensor[] Outputs, double MaxError, bool Correct)
    {
        public List<double> Samples { get; } = [];
    }

    public IReadOnlyList<PerfResult> Run(IReadOnlyList<PerfCase> cases, DeviceSpeed speed, Action<string> progress)
    {
        var prepared = new List<Prepared>();
        try
        {
            foreach (var item in cases)
            {
                progress($"preparing {item.Kernel} {item.Shape}");
                prepared.Add(Prepare(item));
            }
            for (var round = 0; round < rounds + 1; round++)
            {
                progress($"round {round} of {rounds}");
                foreach (var item in prepared.Where(p => p.Correct))
                {
                    item.Session.Run(item.Inputs, item.Outputs);
                    if (round > 0) item.Samples.Add(OwnTime(item));
                }
            }
            return [.. prepared.Select(p => Result(p, speed))];
        }
        finally
        {
            foreach (var item in prepared)
            {
                item.Session.Dispose();
                item.Model.Dispose();
            }
        }
    }

    private Prepared Prepare(PerfCase item)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, item.Kernel);
        item.Build(builder);
        var graph = builder.Build();
        var plan = GraphCompiler.Compile(graph, new CompilerOptions { Profile = device.Profile, Variant = variant });
        var model = CompiledModel.Load(device, plan);
        var session = model.CreateSession(1, profile: true);
        Tensor[] inputs = [.. graph.Inputs.Select(i => PerfCase.Random(i.Name, [.. i.Shape]))];
        var outputs = session.AllocateOutputs();
        session.Run(inputs, outputs);
        var error = Error(item, graph, inputs, outputs[0]);
        return new Prepared(item, model, session, inputs, outputs, error, error <= item.Tolerance);
    }

    private static double OwnTime(Prepared item)
    {
        var timings = item.Session.LastTimings ?? throw new VkNetException("VKN4302", "the device writes no timestamps, which the harness needs", kind: ErrorKind.Device);
        var calls = item.Model.Plan.Main.Calls;
        return Enumerable.Range(0, calls.Count).Where(i => !BorderKernels.Any(k => calls[i].Kernel.Contains(k.Replace("layout/", ""), StringComparison.OrdinalIgnoreCase))).Sum(i => timings[i]) / 1e6;
    }

    // The largest error as a fraction of the largest reference value, over all results or 512 of them.
    private static double Error(PerfCase item, Graph graph, Tensor[] inputs, Tensor output)
    {
        var computed = output.ToArray<float>();
        double worst = 0, scale = 1e-30;
        if (item.Reference is null)
        {
            var values = graph.Inputs.Select((v, i) => (v.Name, inputs[i])).ToDictionary(p => p.Name, p => p.Item2);
            var reference = ElementConversion.LoadReals(HostEvaluator.Run(graph, values)[graph.Outputs[0].Value]);
            for (var i = 0; i < computed.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(computed[i] - reference[i]));
                scale = Math.Max(scale, Math.Abs(reference[i]));
            }
            return double.IsNaN(worst) ? double.PositiveInfinity : worst / scale;
        }
        var tensors = graph.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Where(v => v.Constant is not null).DistinctBy(v => v.Name).ToDictionary(v => v.Name, v => v.Constant!.ToArray<float>());
        for (var i = 0; i < inputs.Length; i++) tensors[graph.Inputs[i].Name] = inputs[i].ToArray<float>();
        var random = new PhiloxRandom(2);
        for (var sample = 0; sample < 512; sample++)
        {
            // Corners first: edges of tiles are where kernels go wrong.
            var index = sample switch { 0 => 0, 1 => computed.Length - 1, _ => random.NextInteger(computed.Length) };
            var reference = item.Reference(tensors, index);
            var difference = Math.Abs(computed[index] - reference);
            if (double.IsNaN(difference)) return double.PositiveInfinity;
            worst = Math.Max(worst, difference);
            scale = Math.Max(scale, Math.Abs(reference));
        }
        return worst / scale;
    }

    private static PerfResult Result(Prepared item, DeviceSpeed speed)
    {
        var calls = item.Model.Plan.Main.Calls;
        var names = string.Join("+", calls.OfType<DispatchCall>().Select(c => $"{c.Kernel}.{c.Descriptor.Variant}").Distinct());
        if (!item.Correct) return new PerfResult(item.Case.Kernel, item.Case.Shape, names, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, item.MaxError, false);
        var sorted = item.Samples.Order().ToList();
        var median = sorted[sorted.Count / 2];
        var spread = (sorted[sorted.Count * 3 / 4] - sorted[sorted.Count / 4]) / median;
        var gflops = item.Case.Flops / median / 1e6;
        var executed = calls.Sum(c => c.Flops) / median / 1e6;
        var gbps = item.Case.Bytes / median / 1e6;
        return new PerfResult(item.Case.Kernel, item.Case.Shape, names, median, spread, gflops, executed, gbps, gflops / speed.PeakGflops, gbps / speed.CopyGbps, item.MaxError, true);
    }
}
