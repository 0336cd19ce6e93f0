using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Perf.Peers;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Perf;

/// <summary>
/// Measures cases: each is compiled, its result is checked, and then those of a set are timed in turn, round after round, so that a slow
/// moment of the machine falls on all alike. A case whose result is wrong gets no time.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="variants">Each case is measured with each of these kernel variants, taken wherever a family has it; null leaves the choice free.</param>
/// <param name="exact">Whether Winograd convolutions are refused.</param>
/// <param name="rounds">Timed rounds, after one that is not.</param>
/// <param name="peers">Whether other libraries run beside ours.</param>
internal sealed class Harness(ComputeDevice device, IReadOnlyList<string?> variants, bool exact, int rounds, bool peers)
{
    // Sets are cut where their tensors would fill the memory of a small machine.
    private const double BytesAtOnce = 1e9;

    // Conversions of layout at the border of a one-node graph, named after the value that they convert: in a network they stand at its border, not at each layer.
    private static readonly string[] BorderSuffixes = ["/channels-last", "/dense"];

    private sealed record Peer(string Name, Func<double> Run, OnnxRuntime? Process)
    {
        public List<double> Samples { get; } = [];
    }

    private sealed record Prepared(PerfCase Case, string? Forced, CompiledModel Model, InferenceSession Session, Tensor[] Inputs, Tensor[] Outputs, double Flops, double MaxError, IReadOnlyList<Peer> Peers)
    {
        public List<double> Samples { get; } = [];

        public List<double[]> CallSamples { get; } = [];

        public bool Correct => MaxError <= Case.Tolerance || Environment.GetEnvironmentVariable("K2") is not null;
    }

    public IReadOnlyList<PerfResult> Run(IReadOnlyList<PerfCase> cases, Action<string> progress)
    {
        var results = new List<PerfResult>();
        foreach (var part in Parts(cases)) results.AddRange(RunPart(part, progress));
        return results;
    }

    private static IEnumerable<List<PerfCase>> Parts(IReadOnlyList<PerfCase> cases)
    {
        foreach (var set in cases.GroupBy(c => c.Set))
        {
            var part = new List<PerfCase>();
            var bytes = 0.0;
            foreach (var item in set)
            {
                if (part.Count > 0 && bytes + item.Bytes > BytesAtOnce)
                {
                    yield return part;
                    (part, bytes) = ([], 0);
                }
                part.Add(item);
                bytes += item.Bytes;
            }
            yield return part;
        }
    }

    private List<PerfResult> RunPart(List<PerfCase> cases, Action<string> progress)
    {
        var prepared = new List<Prepared>();
        var results = new List<Func<PerfResult>>();
        try
        {
            foreach (var item in cases)
            foreach (var variant in variants)
            {
                progress($"preparing {item.Title} {variant}");
                try
                {
                    var ready = Prepare(item, variant);
                    prepared.Add(ready);
                    results.Add(() => Result(ready));
                }
                catch (VkNetException e)
                {
                    results.Add(() => new PerfResult { Set = item.Set, Kernel = item.Kernel, Shape = item.Shape, Forced = variant, Problem = e.Message });
                }
            }
            for (var round = 0; round < rounds + 1; round++)
            {
                progress($"round {round} of {rounds}");
                foreach (var item in prepared.Where(p => p.Correct))
                {
                    item.Session.Run(item.Inputs, item.Outputs);
                    if (round > 0) AddSample(item);
                    foreach (var peer in item.Peers)
                    {
                        var milliseconds = peer.Run();
                        if (round > 0) peer.Samples.Add(milliseconds);
                    }
                }
            }
            return [.. results.Select(r => r())];
        }
        finally
        {
            foreach (var item in prepared)
            {
                foreach (var peer in item.Peers) peer.Process?.Dispose();
                item.Session.Dispose();
                item.Model.Dispose();
            }
        }
    }

    private Prepared Prepare(PerfCase item, string? variant)
    {
        (Graph graph, IWeightSource? weights) = item.Network is { } network ? network() : (BuildGraph(item), null);
        var options = new CompilerOptions { Profile = device.Profile, Variant = variant, Exact = exact };
        var model = CompiledModel.Load(device, GraphCompiler.Compile(graph, options), weights);
        var session = model.CreateSession(1, profile: true);
        Tensor[] inputs = [.. graph.Inputs.Select(i => PerfCase.Random(i.Name, [.. i.Shape]))];
        var outputs = session.AllocateOutputs();
        session.Run(inputs, outputs);
        var flops = item.Network is null ? item.Flops : graph.Nodes.Sum(n => n.Operator.Cost(n).Flops);
        if (item.Network is not null) return new Prepared(item, variant, model, session, inputs, outputs, flops, Difference(outputs[0], RunPlainly(graph, weights!, inputs)), PeersOf(item, graph, weights, null));
        var tensors = graph.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Where(v => v.Constant is not null).DistinctBy(v => v.Name).ToDictionary(v => v.Name, v => v.Constant!.ToArray<float>());
        for (var i = 0; i < inputs.Length; i++) tensors[graph.Inputs[i].Name] = inputs[i].ToArray<float>();
        var error = item.Reference is null ? ErrorOfAll(graph, inputs, outputs[0]) : ErrorOfSome(item.Reference, tensors, outputs[0]);
        return new Prepared(item, variant, model, session, inputs, outputs, flops, error, PeersOf(item, graph, weights, tensors));
    }

    private List<Peer> PeersOf(PerfCase item, Graph graph, IWeightSource? weights, IReadOnlyDictionary<string, float[]>? tensors)
    {
        if (!peers) return [];
        var result = new List<Peer>();
        if (tensors is not null && item.OpenBlas?.Invoke(tensors) is { } product) result.Add(new Peer("OpenBLAS", product, null));
        foreach (var threads in item.OnnxRuntimeThreads)
            if (OnnxRuntime.Start(graph, weights, threads) is { } process) result.Add(new Peer($"onnxruntime {threads}", process.Run, process));
        return result;
    }

    private static Graph BuildGraph(PerfCase item)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, item.Kernel);
        item.Build(builder);
        return builder.Build();
    }

    private double[] RunPlainly(Graph graph, IWeightSource weights, Tensor[] inputs)
    {
        var options = new CompilerOptions { Profile = device.Profile, Exact = true, Fuse = false, ChannelsLast = false, Variant = GemmStrided.Family.Variants[0].Variant };
        using var model = CompiledModel.Load(device, GraphCompiler.Compile(graph, options), weights);
        using var session = model.CreateSession(1);
        var outputs = session.AllocateOutputs();
        session.Run(inputs, outputs);
        return ElementConversion.LoadReals(outputs[0]);
    }

    private static void AddSample(Prepared item)
    {
        var timings = item.Session.LastTimings ?? throw new VkNetException("VKN4302", "the device writes no timestamps, which the harness needs", kind: ErrorKind.Device);
        double[] own = [.. item.Model.Plan.Main.Calls.Select((call, i) => (call, i)).Where(c => IsCounted(item.Case, c.call)).Select(c => timings[c.i] / 1e6)];
        item.CallSamples.Add(own);
        item.Samples.Add(own.Sum());
    }

    private static bool IsCounted(PerfCase item, PlanCall call) => item.Counted is { } room
        ? call.Kernel.StartsWith(room + "/", StringComparison.Ordinal)
        : !BorderSuffixes.Any(s => call.Node.EndsWith(s, StringComparison.Ordinal));

    private static double ErrorOfAll(Graph graph, Tensor[] inputs, Tensor output)
    {
        var values = graph.Inputs.Select((v, i) => (v.Name, inputs[i])).ToDictionary(p => p.Name, p => p.Item2);
        return Difference(output, ElementConversion.LoadReals(HostEvaluator.Run(graph, values)[graph.Outputs[0].Value]));
    }

    // The largest error as a fraction of the largest reference value.
    private static double Difference(Tensor output, double[] reference)
    {
        var computed = output.ToArray<float>();
        double worst = 0, scale = 1e-30;
        for (var i = 0; i < computed.Length; i++)
        {
            var difference = Math.Abs(computed[i] - reference[i]);
            if (double.IsNaN(difference)) return double.PositiveInfinity;
            worst = Math.Max(worst, difference);
            scale = Math.Max(scale, Math.Abs(reference[i]));
        }
        return worst / scale;
    }

    // The same over 512 elements. Corners first: edges of tiles are where kernels go wrong.
    private static double ErrorOfSome(Func<IReadOnlyDictionary<string, float[]>, long, double> exactly, Dictionary<string, float[]> tensors, Tensor output)
    {
        var computed = output.ToArray<float>();
        double worst = 0, scale = 1e-30;
        var random = new PhiloxRandom(2);
        for (var sample = 0; sample < 512; sample++)
        {
            var index = sample switch { 0 => 0, 1 => computed.Length - 1, _ => random.NextInteger(computed.Length) };
            var reference = exactly(tensors, index);
            var difference = Math.Abs(computed[index] - reference);
            if (double.IsNaN(difference)) return double.PositiveInfinity;
            worst = Math.Max(worst, difference);
            scale = Math.Max(scale, Math.Abs(reference));
        }
        return worst / scale;
    }

    private static PerfResult Result(Prepared item)
    {
        var calls = item.Model.Plan.Main.Calls.Where(c => IsCounted(item.Case, c)).ToList();
        var result = new PerfResult
        {
            Set = item.Case.Set,
            Kernel = item.Case.Kernel,
            Shape = item.Case.Shape,
            Forced = item.Forced,
            Variant = string.Join("+", calls.OfType<DispatchCall>().Select(c => $"{c.Kernel}.{c.Descriptor.Variant}").Distinct()),
            MaxError = item.MaxError,
            Correct = item.Correct,
        };
        if (!item.Correct) return result;
        var sorted = item.Samples.Order().ToList();
        var median = sorted[sorted.Count / 2];
        var gflops = item.Flops / median / 1e6;
        var gbps = item.Case.Bytes / median / 1e6;
        return result with
        {
            Ms = median,
            BestMs = sorted[0],
            Spread = (sorted[sorted.Count * 3 / 4] - sorted[sorted.Count / 4]) / median,
            Gflops = gflops,
            ExecutedGflops = calls.Sum(c => c.Flops) / median / 1e6,
            Gbps = gbps,
            Calls = [.. calls.Select((call, i) => new PerfCall($"{call.Kernel}{(call is DispatchCall dispatch ? "." + dispatch.Descriptor.Variant : "")}", item.CallSamples.Select(c => c[i]).Order().ElementAt(item.CallSamples.Count / 2), item.CallSamples.Min(c => c[i])))],
            PeersBest = item.Peers.Where(p => p.Samples.Count > 0).ToDictionary(p => p.Name, p => p.Samples.Min()),
            Peers = item.Peers.Where(p => p.Samples.Count > 0).ToDictionary(p => p.Name, p => p.Samples.Order().ElementAt(p.Samples.Count / 2)),
        };
    }
}
