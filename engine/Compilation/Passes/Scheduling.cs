using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Orders nodes for least peak memory: exactly for small graphs; otherwise the better of the order as written and a greedy one, which always
/// takes the ready node that frees most, improved by a local search. Nodes that update a carried tensor wait for all its other readers.
/// </summary>
internal sealed class Scheduling : IGraphPass
{
    public string Name => "scheduling";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        if (graph.Nodes.Count < 3) return graph;
        var problem = new ScheduleProblem(graph);
        var written = Enumerable.Range(0, graph.Nodes.Count).ToArray();
        var peak = problem.Peak(written);
        if (peak == problem.LowerBound) return graph;
        var greedy = problem.Greedy();
        var best = problem.Exact() ?? problem.Improve(problem.Peak(greedy) < peak ? greedy : written);
        if (problem.Peak(best) >= peak) return graph;
        return new Graph(graph.Registry, graph.Name, graph.Inputs, graph.RunValues, graph.Parameters, graph.States, [.. best.Select(i => graph.Nodes[i])], graph.Outputs, graph.BoundValues, graph.Extents);
    }
}
