using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Chooses where activations lie channels-last: nodes that are much faster so (convolutions on texel kernels) start regions, nodes that
/// work in either layout join them, and conversions are inserted where regions end. A converted value is shared by all who need it.
/// </summary>
internal sealed class LayoutAssignment : IGraphPass
{
    private const string ToChannelsLast = "to_channels_last";
    private const string FromChannelsLast = "from_channels_last";

    public string Name => "layout";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        LayoutChoice Of(Node node) => node.Operator is ILowering lowering && CanPad(node, lowering) ? lowering.Layouts(node, options.Profile) : LayoutChoice.Dense;
        if (!graph.Nodes.Any(n => Of(n) == LayoutChoice.PrefersChannelsLast)) return graph;
        var choice = new NumberTable<LayoutChoice>();
        foreach (var node in graph.Nodes) choice[node.Number] = Of(node);
        var channelsLast = Choose(graph, choice);
        return Rewrite(graph, channelsLast);
    }

    // Only values with a channel axis and at least one axis behind it can lie channels-last; whole numbers stay dense. What is dense in
    // either layout (the gradient of a bias) does not matter.
    private static bool CanPad(Node node, ILowering lowering)
    {
        foreach (var output in node.Outputs)
            if (!(output.Shape.Rank >= 3 && output.DataType.IsFloat() && output.Shape.ElementCount > 0) && lowering.OutputLayout(node, output.OutputIndex, Layout.ChannelsLast) != Layout.Dense) return false;
        return true;
    }

    private static NumberTable<bool> Choose(Graph graph, NumberTable<LayoutChoice> choice)
    {
        var chosen = new NumberTable<bool>();
        foreach (var node in graph.Nodes) chosen[node.Number] = choice[node.Number] == LayoutChoice.PrefersChannelsLast;
        // A node that takes either layout follows the bytes it reads; going forward and backward lets chains on both sides of a
        // convolution join, so that conversions move to where tensors are consumed in dense form for good.
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var node in graph.Nodes.Concat(graph.Nodes.Reverse()))
            {
                if (choice[node.Number] != LayoutChoice.Either || chosen[node.Number]) continue;
                double forth = 0, back = 0;
                var lowering = (ILowering)node.Operator;
                for (var i = 0; i < node.Inputs.Count; i++)
                {
                    if (node.Inputs[i] is not { } input || lowering.InputLayout(node, i, Layout.ChannelsLast) != Layout.ChannelsLast) continue;
                    if (input.Producer is { } producer && chosen[producer.Number] && ((ILowering)producer.Operator).OutputLayout(producer, input.OutputIndex, Layout.ChannelsLast) == Layout.ChannelsLast) forth += input.Shape.ElementCount;
                    else if (input.Kind != ValueKind.Constant && input.Kind != ValueKind.Parameter) back += input.Shape.ElementCount;
                }
                if (forth > 0 && forth >= back) chosen[node.Number] = changed = true;
            }
        }
        return chosen;
    }

    private static Graph Rewrite(Graph graph, NumberTable<bool> channelsLast)
    {
        var rewriter = new GraphRewriter(graph);
        var converted = new Dictionary<(Value, Layout), Value>();
        foreach (var node in graph.Nodes)
        {
            var layout = channelsLast[node.Number] ? Layout.ChannelsLast : Layout.Dense;
            var lowering = node.Operator as ILowering;
            var inputs = new Value?[node.Inputs.Count];
            for (var i = 0; i < inputs.Length; i++)
                inputs[i] = node.Inputs[i] is { } input ? Convert(rewriter.Map(input), lowering?.InputLayout(node, i, layout) ?? Layout.Dense) : null;
            if (layout == Layout.Dense && inputs.SequenceEqual(node.Inputs)) rewriter.Keep(node);
            else rewriter.Add(node, inputs, o => lowering?.OutputLayout(node, o.OutputIndex, layout) ?? layout);
        }
        foreach (var (_, output) in graph.Outputs) rewriter.Replace(output, Convert(rewriter.Map(output), Layout.Dense));
        foreach (var state in graph.States) rewriter.Replace(state.Output, Convert(rewriter.Map(state.Output), Layout.Dense));
        return rewriter.Finish();

        Value Convert(Value value, Layout layout)
        {
            if (value.Layout == layout) return value;
            if (converted.TryGetValue((value, layout), out var known)) return known;
            var (name, suffix) = layout == Layout.ChannelsLast ? (ToChannelsLast, "/channels-last") : (FromChannelsLast, "/dense");
            return converted[(value, layout)] = rewriter.Insert(graph.Registry.Get(name), AttributeSet.Empty, [value], value.Name + suffix, layout).Outputs[0];
        }
    }
}
