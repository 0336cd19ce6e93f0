using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Serves several nodes by one call where their operators know how (<see cref="IMergesCalls"/>). The call stands where the last of them did, so
/// none may be read before; views of their results move along.
/// </summary>
internal sealed class CallMerging : IGraphPass
{
    public string Name => "call-merging";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        var candidates = new Dictionary<object, List<(Node Node, int Position)>>();
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            if (graph.Nodes[i] is not { Operator: IMergesCalls merges, Outputs.Count: 1, Epilogue: null, Prologue: null } node || merges.MergingKey(node) is not { } key) continue;
            if (!candidates.TryGetValue(key, out var list)) candidates[key] = list = [];
            list.Add((node, i));
        }
        if (!candidates.Values.Any(c => c.Count > 1)) return graph;
        var users = GraphUsers.Of(graph);
        var position = new NumberTable<int>();
        for (var i = 0; i < graph.Nodes.Count; i++) position[graph.Nodes[i].Number] = i;
        // By the last member.
        var merged = new Dictionary<Node, MergedCall>();
        var absorbed = new HashSet<Node>();
        foreach (var list in candidates.Values) Group(list);
        if (merged.Count == 0) return graph;
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (merged.TryGetValue(node, out var call))
            {
                rewriter.Merge(node, call);
                foreach (var view in call.Nodes.SelectMany(n => Views(n.Outputs[0]))) rewriter.Keep(view);
            }
            else if (!absorbed.Contains(node)) rewriter.Keep(node);
        }
        return rewriter.Finish();

        // Runs of nodes none of which is read up to the last, by the last itself neither.
        void Group(List<(Node Node, int Position)> list)
        {
            var run = new List<Node>();
            var earliest = int.MaxValue;
            foreach (var (node, place) in list)
            {
                if (earliest <= place)
                {
                    Close(run);
                    (run, earliest) = ([], int.MaxValue);
                }
                run.Add(node);
                earliest = Math.Min(earliest, FirstReader(node.Outputs[0]));
            }
            Close(run);
        }

        int FirstReader(Value value)
        {
            var first = int.MaxValue;
            foreach (var user in users.Of(value)) first = Math.Min(first, IsView(user, value) ? FirstReader(user.Outputs[0]) : position[user.Number]);
            return first;
        }

        IEnumerable<Node> Views(Value value)
        {
            var views = new List<Node>();
            foreach (var user in users.Of(value))
                if (IsView(user, value)) views.AddRange([user, .. Views(user.Outputs[0])]);
            return views;
        }

        void Close(List<Node> run)
        {
            if (run.Count < 2) return;
            foreach (var call in ((IMergesCalls)run[0].Operator).Merge(run))
            {
                absorbed.UnionWith(call.Nodes);
                absorbed.UnionWith(call.Nodes.SelectMany(n => Views(n.Outputs[0])));
                merged[call.Nodes.MaxBy(n => position[n.Number])!] = call;
            }
        }
    }

    // Whether a node is nothing but a view of a value and of no other.
    private static bool IsView(Node node, Value value) =>
        node is { Outputs.Count: 1, Operator: ILowering lowering } && node.Inputs[0] == value && node.Inputs.All(i => i is null || i == value || i.Producer is null) && lowering.IsView(node);
}
