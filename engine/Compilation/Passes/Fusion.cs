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
        var position = new NumberTable<int>();
        for (var i = 0; i < graph.Nodes.Count; i++) position[graph.Nodes[i].Number] = i;
        var absorbed = new NumberTable<bool>();
        // By the last member.
        var groups = new NumberTable<FusionGroup>();
        var roots = new HashSet<Node>();
        var refusals = new List<(Node Node, FusionRefusal Refusal)>();
        foreach (var node in graph.Nodes)
        {
            if (absorbed[node.Number] || node.Operator is not ILowering lowering || node.Outputs.Count != 1 || !lowering.AcceptsEpilogue(node)) continue;
            if (FusionGroup.First(node, users) is not { Operator: IPointwise }) continue;
            var group = new FusionGroup(node, lowering, users, position, absorbed);
            group.Grow();
            if (group.Refusal is { } refusal) refusals.Add((group.Refused!, refusal));
            if (group.Members.Count < 2) continue;
            foreach (var member in group.Members) absorbed[member.Number] = true;
            groups[group.Members[^1].Number] = group;
            roots.Add(node);
        }
        if (options.Refused is { } report)
        {
            foreach (var (node, refusal) in refusals)
                if (!absorbed[node.Number] || roots.Contains(node)) report(refusal);
        }
        if (roots.Count == 0) return graph;
        return Rewrite(graph, absorbed, groups);
    }

    // A group takes the place of its last member: by then all its operands are assigned, and nothing in between reads its inner values.
    private static Graph Rewrite(Graph graph, NumberTable<bool> absorbed, NumberTable<FusionGroup> groups)
    {
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (groups.TryGet(node.Number, out var group)) rewriter.Fuse(group.Members, group.Program(), group.Operands);
            else if (!absorbed[node.Number]) rewriter.Keep(node);
        }
        return rewriter.Finish();
    }
}
