using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Leaves conversions of layout to the kernels beside them: one that stores its result dense where only a conversion would read it
/// (<see cref="ILowering.StoresDense"/>), and those that read dense what was to be converted for them alone (<see cref="ILowering.ReadsDense"/>).
/// Comes after kernels have taken in what they compute while reading, which wants all its tensors in one layout.
/// </summary>
internal sealed class ConversionFusion : IGraphPass
{
    public string Name => "conversion-fusion";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        if (!graph.Nodes.Any(n => IsConversion(n, Layout.ChannelsLast) || IsConversion(n, Layout.Dense))) return graph;
        var users = GraphUsers.Of(graph);
        // By the node that stores dense: the conversion behind it.
        var behind = new Dictionary<Node, Node>();
        var absorbed = new HashSet<Node>();
        foreach (var node in graph.Nodes)
        {
            if (IsConversion(node, Layout.Dense) && node.Inputs[0] is { Producer: { Outputs.Count: 1, Operator: ILowering lowering } producer } stored
                && !users.IsKept(stored) && users.Only(stored) == node && lowering.StoresDense(producer))
            {
                behind[producer] = node;
                absorbed.Add(node);
            }
            else if (IsConversion(node, Layout.ChannelsLast) && AllReadDense(users, node.Outputs[0])) absorbed.Add(node);
        }
        if (absorbed.Count == 0) return graph;
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (absorbed.Contains(node)) continue;
            var names = new List<string>();
            var inputs = new Value?[node.Inputs.Count];
            for (var i = 0; i < inputs.Length; i++)
            {
                if (node.Inputs[i] is not { } input) continue;
                var isConverted = input.Producer is { } producer && absorbed.Contains(producer) && IsConversion(producer, Layout.ChannelsLast);
                if (isConverted && !names.Contains(input.Producer!.Name)) names.Add(input.Producer.Name);
                inputs[i] = rewriter.Map(isConverted ? input.Producer!.Inputs[0]! : input);
            }
            var conversion = behind.GetValueOrDefault(node);
            if (names.Count == 0 && conversion is null)
            {
                rewriter.Keep(node);
                continue;
            }
            names.AddRange(GraphRewriter.Names(node));
            if (conversion is not null) names.Add(conversion.Name);
            rewriter.Absorb(node, inputs, conversion, names);
        }
        return rewriter.Finish();
    }

    // By what it does: values lie channels-last only between a conversion there and one back.
    private static bool IsConversion(Node node, Layout layout) =>
        node is { Inputs: [{ } input], Epilogue: null, Prologue: null } && node.Operator.Name == (layout == Layout.Dense ? "from_channels_last" : "to_channels_last") && input.Layout != layout && node.Outputs[0].Layout == layout;

    private static bool AllReadDense(GraphUsers users, Value converted)
    {
        if (users.IsKept(converted)) return false;
        foreach (var user in users.Of(converted))
            for (var i = 0; i < user.Inputs.Count; i++)
                if (user.Inputs[i] == converted && !((ILowering)user.Operator).ReadsDense(user, i)) return false;
        return true;
    }
}
