using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>
/// Finds the fastest kernel variant for a node by measuring: each variant is compiled for a graph of that node alone, its result is compared
/// with that of the baseline kernels, and then all correct ones are timed in turn, round after round, so that a slow moment of the machine
/// falls on all alike.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="registry">The operators.</param>
/// <param name="rounds">Timed rounds, after one that is not.</param>
public sealed class VariantTuner(ComputeDevice device, OperatorRegistry registry, int rounds = 15)
{
    // Winograd's transforms amplify rounding; anything beyond this fraction of the largest element is an error.
    private const double Tolerance = 1e-4;

    // A variant must be this much faster than the default to take its place: less is noise.
    private const double WorthChanging = 0.95;

    private sealed record Candidate(string? Variant, string Kernels, CompiledModel Model, InferenceSession Session) : IDisposable
    {
        public List<double> Samples { get; } = [];

        public double Median => Samples.Order().ElementAt(Samples.Count / 2);

        public void Dispose()
        {
            Session.Dispose();
            Model.Dispose();
        }
    }

    /// <summary>Measures the variants of a node.</summary>
    /// <param name="node">The node; only its operator, input types and attributes matter.</param>
    /// <param name="cancellation">Stops between rounds.</param>
    /// <returns>What was found; null when there is nothing to choose.</returns>
    public TuningResult? Tune(Node node, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Operator is not ITunable tunable) return null;
        var graph = Alone(node);
        Tensor[] inputs = [.. graph.Inputs.Select(i => Random(i.Name, i.Type))];
        var reference = RunBaseline(graph, inputs);
        var candidates = new List<Candidate>();
        var wrong = new List<string>();
        try
        {
            foreach (var variant in tunable.Variants(node, device.Profile).Distinct().Prepend(null))
            {
                cancellation.ThrowIfCancellationRequested();
                var candidate = Prepare(graph, variant);
                var outputs = candidate.Session.AllocateOutputs();
                candidate.Session.Run(inputs, outputs);
                // A name that does not suit the node leads to kernels that are already listed.
                var isNew = candidates.All(c => c.Kernels != candidate.Kernels);
                var isCorrect = Difference(ElementConversion.LoadReals(outputs[0]), reference) <= Tolerance;
                if (!isCorrect) wrong.Add(candidate.Kernels);
                if (isNew && isCorrect) candidates.Add(candidate);
                else candidate.Dispose();
            }
            if (candidates.Count == 0 || candidates[0].Variant is not null || (candidates.Count == 1 && wrong.Count == 0)) return null;
            Measure(candidates, inputs, cancellation);
            var best = candidates.MinBy(c => c.Median)!;
            // On a busy machine medians jump; a variant that is really faster has the better least time too.
            var isFaster = best.Median < WorthChanging * candidates[0].Median && best.Samples.Min() < WorthChanging * candidates[0].Samples.Min();
            var chosen = isFaster ? best : candidates[0];
            return new TuningResult(TuningTable.KeyOf(node), chosen.Variant, chosen.Median, candidates[0].Median, candidates.ToDictionary(c => c.Kernels, c => c.Median), wrong);
        }
        finally
        {
            foreach (var candidate in candidates) candidate.Dispose();
        }
    }

    private void Measure(List<Candidate> candidates, Tensor[] inputs, CancellationToken cancellation)
    {
        var outputs = candidates[0].Session.AllocateOutputs();
        for (var round = 0; round <= rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var candidate in candidates)
            {
                candidate.Session.Run(inputs, outputs);
                if (round > 0) candidate.Samples.Add(OwnTime(candidate));
            }
        }
    }

    // Conversions of layout stand at a network's border, not at each layer; they are named after the value that they convert.
    private static double OwnTime(Candidate candidate)
    {
        var timings = candidate.Session.LastTimings ?? throw new VkNetException("VKN4312", "the device writes no timestamps, which tuning needs", kind: ErrorKind.Device);
        return candidate.Model.Plan.Main.Calls.Select((call, i) => IsConversion(call) ? 0 : timings[i]).Sum() / 1e6;
    }

    private static bool IsConversion(PlanCall call) => call.Node.EndsWith("/channels-last", StringComparison.Ordinal) || call.Node.EndsWith("/dense", StringComparison.Ordinal);

    private Candidate Prepare(Graph graph, string? variant)
    {
        var plan = GraphCompiler.Compile(graph, new CompilerOptions { Profile = device.Profile, Variant = variant });
        var kernels = string.Join(" + ", plan.Main.Calls.Where(c => !IsConversion(c)).Select(c => c is DispatchCall dispatch ? $"{c.Kernel}.{dispatch.Descriptor.Variant}" : c.Kernel).Distinct());
        var model = CompiledModel.Load(device, plan);
        return new Candidate(variant, kernels, model, model.CreateSession(slots: 1, profile: true));
    }

    private double[] RunBaseline(Graph graph, Tensor[] inputs)
    {
        using var model = CompiledModel.Load(device, GraphCompiler.Compile(graph, new CompilerOptions { Profile = device.Profile, Exact = true, ChannelsLast = false, Variant = "baseline" }));
        using var session = model.CreateSession(slots: 1);
        var outputs = session.AllocateOutputs();
        session.Run(inputs, outputs);
        return ElementConversion.LoadReals(outputs[0]);
    }

    private Graph Alone(Node node)
    {
        var builder = new GraphBuilder(registry, "tuning");
        var inputs = node.Inputs.Take(node.OperatorInputCount).Select((value, i) => value is null ? null
            : TuningTable.IsFixed(value) ? builder.Constant(Random($"x{i}", value.Type), $"x{i}") : builder.Input($"x{i}", value.Type)).ToArray();
        builder.Output("y", builder.Add(node.Operator, node.Attributes, inputs)[0]);
        return builder.Build();
    }

    private static Tensor Random(string name, TensorType type)
    {
        var random = new PhiloxRandom(1, PhiloxRandom.StreamOf(name));
        var tensor = Tensor.Zeros(type);
        foreach (ref var value in tensor.Values<float>()) value = (2 * random.NextUniform()) - 1;
        return tensor;
    }

    private static double Difference(double[] computed, double[] reference)
    {
        double worst = 0, scale = 1e-30;
        for (var i = 0; i < reference.Length; i++)
        {
            var difference = Math.Abs(computed[i] - reference[i]);
            if (double.IsNaN(difference)) return double.PositiveInfinity;
            (worst, scale) = (Math.Max(worst, difference), Math.Max(scale, Math.Abs(reference[i])));
        }
        return worst / scale;
    }
}
