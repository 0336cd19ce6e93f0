using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Orders nodes for least peak memory: a greedy order that always takes the ready node which frees most is compared with the order as
/// written, and the better kept. Nodes that update a carried tensor wait for all its other readers.
/// </summary>
internal sealed class Scheduling : IGraphPass
{
    public string Name => "scheduling";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        if (graph.Nodes.Count < 3) return graph;
        var problem = new ScheduleProblem(graph);
        var written = Enumerable.Range(0, graph.Nodes.Count).ToArray();
        var greedy = problem.Greedy();
        if (problem.Peak(greedy) >= problem.Peak(written)) return graph;
        return new Graph(graph.Registry, graph.Name, graph.Inputs, graph.RunValues, graph.Parameters, graph.States, [.. greedy.Select(i => graph.Nodes[i])], graph.Outputs, graph.BoundValues);
    }
}
