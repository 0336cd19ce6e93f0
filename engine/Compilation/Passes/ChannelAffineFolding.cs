using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Works the factor and summand per channel of a batch normalisation into weight and bias of the convolution or dense layer in front of it
/// (Jacob et al. 2018, section 3.2). The new weight is computed once, when the model is loaded.
/// </summary>
internal sealed class ChannelAffineFolding : IGraphPass
{
    public string Name => "channel-affine-folding";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        // Weights that change from run to run would have to be multiplied again in every run.
        if (options.Training || !graph.Nodes.Any(n => n.Operator is IChannelAffine)) return graph;
        var pairs = Pairs(graph);
        if (pairs.Count == 0) return graph;
        var rewriter = new GraphRewriter(graph);
        var absorbing = pairs.Values.ToHashSet();
        foreach (var node in graph.Nodes)
        {
            if (pairs.TryGetValue(node, out var linear)) Fold(rewriter, node, linear);
            else if (!absorbing.Contains(node)) rewriter.Keep(node);
        }
        return rewriter.Finish();
    }

    // The normalisations that can be folded, each with the node that takes it in.
    private static Dictionary<Node, Node> Pairs(Graph graph)
    {
        var uses = new Dictionary<Value, int>();
        foreach (var value in graph.Nodes.SelectMany(n => n.Inputs.OfType<Value>()).Concat(graph.Outputs.Select(o => o.Value)).Concat(graph.States.Select(s => s.Output)))
            uses[value] = uses.GetValueOrDefault(value) + 1;
        var atLoad = LoadTime.ValuesOf(graph);
        bool IsKnownAtLoad(Value? value) => LoadTime.IsKnown(value, atLoad);
        var pairs = new Dictionary<Node, Node>();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is IChannelAffine affine && affine.IsChannelAffine(node) && node.Inputs.Skip(1).All(IsKnownAtLoad)
                && node.Inputs[0] is { Producer: { Operator: IChannelLinear linear } producer } input && uses[input] == 1
                && linear.IsChannelLinear(producer) && producer.Inputs.Skip(1).All(IsKnownAtLoad)) pairs[node] = producer;
        }
        return pairs;
    }

    private static void Fold(GraphRewriter rewriter, Node node, Node linear)
    {
        var emit = new NodeEmitter(rewriter, node.Name);
        IReadOnlyList<Value?> Inputs(Node of) => [.. of.Inputs.Select(i => i is null ? null : rewriter.Map(i))];
        var (scale, shift) = ((IChannelAffine)node.Operator).ToAffine(node, Inputs(node), emit);
        rewriter.Merge(linear, node, ((IChannelLinear)linear.Operator).Absorb(linear, Inputs(linear), scale, shift, emit));
    }
}
