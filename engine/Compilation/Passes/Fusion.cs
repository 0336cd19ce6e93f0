using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Merges pointwise nodes into the kernel that makes their input: a group starts at a node that accepts an epilogue and grows along
/// the pointwise users of its values as long as one value leaves the group. Chains and small diamonds (x * sigmoid(x)) both fit.
/// </summary>
internal sealed class Fusion : IGraphPass
{
    public string Name => "fusion";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        var users = GraphUsers.Of(graph);
        var kept = new HashSet<Value>(graph.Outputs.Select(o => o.Value).Concat(graph.States.Select(s => s.Output)));
        var position = graph.Nodes.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i);
        var absorbed = new HashSet<Node>();
        var groups = new Dictionary<Node, FusionGroup>();
        var refusals = new List<(Node Node, FusionRefusal Refusal)>();
        foreach (var node in graph.Nodes)
        {
            if (absorbed.Contains(node) || node.Operator is not ILowering lowering || node.Outputs.Count != 1 || !lowering.AcceptsEpilogue(node)) continue;
            var group = new FusionGroup(node, lowering, users, kept, position, absorbed);
            group.Grow();
            if (group.Refusal is { } refusal) refusals.Add((group.Refused!, refusal));
            if (group.Members.Count < 2) continue;
            absorbed.UnionWith(group.Members);
            groups[group.Members[^1]] = group;
        }
        if (options.Refused is { } report)
        {
            var roots = groups.Values.Select(g => g.Members[0]).ToHashSet();
            foreach (var (node, refusal) in refusals)
                if (!absorbed.Contains(node) || roots.Contains(node)) report(refusal);
        }
        if (groups.Count == 0) return graph;
        return Rewrite(graph, absorbed, groups);
    }

    // A group takes the place of its last member: by then all its operands are assigned, and nothing in between reads its inner values.
    private static Graph Rewrite(Graph graph, HashSet<Node> absorbed, Dictionary<Node, FusionGroup> groups)
    {
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (groups.TryGetValue(node, out var group)) rewriter.Fuse(group.Members, group.Program(), group.Operands);
            else if (!absorbed.Contains(node)) rewriter.Keep(node);
        }
        return rewriter.Finish();
    }
}
