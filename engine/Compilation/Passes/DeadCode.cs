using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Removes nodes that no output and no state depends on.</summary>
internal sealed class DeadCode : IGraphPass
{
    // What the pass has seen or given last, so that running it again on the same graph costs nothing.
    private Graph? _clean;

    public string Name => "dead-code";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        if (graph == _clean) return graph;
        var needed = new NumberTable<bool>();
        foreach (var value in GraphUsers.Kept(graph)) needed[value.Number] = true;
        var kept = new List<Node>(graph.Nodes.Count);
        for (var i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            var wanted = false;
            for (var j = 0; j < node.Outputs.Count; j++) wanted |= needed[node.Outputs[j].Number];
            if (!wanted) continue;
            kept.Add(node);
            for (var j = 0; j < node.Inputs.Count; j++)
                if (node.Inputs[j] is { } input) needed[input.Number] = true;
        }
        if (kept.Count == graph.Nodes.Count) return _clean = graph;
        kept.Reverse();
        return _clean = new Graph(graph.Registry, graph.Name, graph.Inputs, graph.RunValues, graph.Parameters, graph.States, kept, graph.Outputs, graph.BoundValues, graph.Extents);
    }
}
