using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Fits a plan into a memory budget: values that are live where memory is fullest without being read there are dropped and computed again
/// before they are next read (Chen et al. 2016, "Training deep nets with sublinear memory cost"). Works on a scheduled graph, one value at
/// a time, and keeps what the finished plan confirms.
/// </summary>
internal sealed class Recomputation
{
    private const int LargestRounds = 400;
    private const int TriesPerRound = 4;

    // What a byte moved is worth in operations: about the ratio of the two rates on common devices.
    private const double FlopsPerByte = 20;

    private readonly CompilerOptions _options;
    private readonly Func<Graph, ExecutionPlan> _plan;
    private readonly List<RecomputedTensor> _recomputed = [];
    private readonly Dictionary<string, int> _copies = new(StringComparer.Ordinal);

    private Recomputation(CompilerOptions options, Func<Graph, ExecutionPlan> plan) => (_options, _plan) = (options, plan);

    /// <summary>The plan of a graph, fitted into the budget of the options.</summary>
    /// <param name="graph">The graph in its final order.</param>
    /// <param name="options">The options.</param>
    /// <param name="plan">Lowers and lays out a graph.</param>
    /// <exception cref="VkNetException">VKN4202: no plan that fits was found; the least one found is named, and what one call needs in any plan.</exception>
    internal static ExecutionPlan Fit(Graph graph, CompilerOptions options, Func<Graph, ExecutionPlan> plan)
    {
        var best = plan(graph);
        return options.MemoryBudget is { } budget && best.Memory.PlannedBytes > budget ? new Recomputation(options, plan).Fit(graph, best, budget) : best;
    }

    private ExecutionPlan Fit(Graph graph, ExecutionPlan best, long budget)
    {
        for (var round = 0; round < LargestRounds && best.Memory.PlannedBytes > budget; round++)
        {
            var liveness = new GraphLiveness(graph);
            var improved = false;
            foreach (var candidate in Candidates(graph, liveness).OrderByDescending(c => c.Saved / (c.Cost + 1)).Take(TriesPerRound))
            {
                var changed = Recompute(graph, candidate);
                GraphVerifier.Verify(changed, "recomputation");
                var plan = _plan(changed);
                // Several calls can be equally full: each round empties one of them, so equal plans are progress as long as that call's bytes fall.
                if (plan.Memory.PlannedBytes > best.Memory.PlannedBytes || Fullness(plan).CompareTo(Fullness(best)) >= 0) continue;
                _recomputed.Add(new RecomputedTensor(candidate.Value.Name, candidate.Saved, candidate.Node.Operator.Cost(candidate.Node).Flops));
                (graph, best, improved) = (changed, plan, true);
                break;
            }
            if (!improved) break;
        }
        if (best.Memory.PlannedBytes > budget)
        {
            var (node, needed) = Largest(best);
            throw new VkNetException("VKN4202", $"no plan of '{graph.Name}' was found that fits the budget of {budget} bytes: the least takes {best.Memory.PlannedBytes} bytes, with {_recomputed.Count} tensors computed again; with inputs and outputs, '{node}' alone needs {needed}",
                needed > budget ? "no plan of these kernels can fit: give a larger budget, or bind smaller sizes" : $"give a budget of {best.Memory.PlannedBytes} bytes, or bind smaller sizes");
        }
        return best.WithMemory(best.Memory with { Recomputed = _recomputed });
    }

    // The call whose own tensors take most, with what has memory of its own in every plan. A result that may take over what the call reads is not counted.
    private static (string Node, long Bytes) Largest(ExecutionPlan plan)
    {
        var pinned = plan.Arenas[MemoryBlock.Inputs].Sum() + plan.Arenas[MemoryBlock.Outputs].Sum();
        return plan.Main.Calls.Select(c => (c.Node, Bytes: pinned + Own(c).Sum(b => b.Bytes))).MaxBy(c => c.Bytes);

        IEnumerable<VirtualBuffer> Own(PlanCall call)
        {
            var read = call.Reads.Select(s => s.Buffer).ToHashSet();
            return read.Concat(call.Writes.Select(s => s.Buffer).Where(b => b.MayReplace is null || !read.Contains(b.MayReplace))).Where(b => plan.Placements[b].Block == MemoryBlock.Activations).Distinct();
        }
    }

    // The most bytes live at one call, and at how many calls that many are.
    private static (long Bytes, int Calls) Fullness(ExecutionPlan plan)
    {
        var live = new long[plan.Main.Calls.Count + 1];
        foreach (var (_, place) in plan.Placements)
        {
            if (place.Block != MemoryBlock.Activations) continue;
            for (var call = place.First; call <= place.Last; call++) live[call] += place.Bytes;
        }
        var most = live.Max();
        return (most, live.Count(b => b == most));
    }

    private static IEnumerable<Candidate> Candidates(Graph graph, GraphLiveness liveness)
    {
        var peak = liveness.Fullest;
        var kept = graph.Outputs.Select(o => o.Value).Concat(graph.States.Select(s => s.Output)).ToHashSet();
        foreach (var value in liveness.LiveAt(peak))
        {
            if (kept.Contains(value) || value.Producer is not { Outputs.Count: 1 } node || !node.Operator.IsFoldable) continue;
            if (liveness.NextUse(value, peak) is not { } next || liveness.IsUsedAt(value, peak)) continue;
            // What must now live longer is taken off; what the node reads must still be what it was.
            var saved = DeviceTensor.SizeOf(value.Type, value.Layout);
            var possible = true;
            foreach (var input in node.Inputs.OfType<Value>().Distinct())
            {
                if (input.Kind == ValueKind.Result && liveness.LastUse(input) < peak) saved -= DeviceTensor.SizeOf(input.Type, input.Layout);
                if (graph.States.FirstOrDefault(s => s.Input == input) is { } state && state.Output.Producer is { } writer && liveness.PositionOf(writer) < next) possible = false;
            }
            if (possible && saved > 0)
            {
                var cost = node.Operator.Cost(node);
                yield return new Candidate(value, node, peak, saved, cost.Flops + FlopsPerByte * cost.Bytes);
            }
        }
    }

    // Readers after the fullest node read a copy, made right before the first of them.
    private Graph Recompute(Graph graph, Candidate candidate)
    {
        var rewriter = new GraphRewriter(graph);
        var made = false;
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            var node = graph.Nodes[i];
            if (i > candidate.Peak && !made && node.Inputs.Contains(candidate.Value))
            {
                var name = candidate.Value.Name.Split("/again")[0];
                var count = _copies[name] = _copies.GetValueOrDefault(name) + 1;
                rewriter.Repeat(candidate.Node, count == 1 ? $"{name}/again" : $"{name}/again{count}");
                made = true;
            }
            rewriter.Keep(node);
        }
        return rewriter.Finish();
    }

    private sealed record Candidate(Value Value, Node Node, int Peak, long Saved, double Cost);
}
