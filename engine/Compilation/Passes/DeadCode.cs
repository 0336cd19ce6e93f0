using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Removes nodes that no output and no state depends on.</summary>
internal sealed class DeadCode : IGraphPass
{
    public string Name => "dead-code";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        var needed = new HashSet<Value>(graph.Outputs.Select(o => o.Value).Concat(graph.States.Select(s => s.Output)));
        var kept = new List<Node>();
        for (var i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (!node.Outputs.Any(needed.Contains)) continue;
            kept.Add(node);
            foreach (var input in node.Inputs)
                if (input is not null) needed.Add(input);
        }
        if (kept.Count == graph.Nodes.Count) return graph;
        kept.Reverse();
        return new Graph(graph.Registry, graph.Name, graph.Inputs, graph.RunValues, graph.Parameters, graph.States, kept, graph.Outputs, graph.BoundValues, graph.Extents);
    }
}
