using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Moves transposes behind the pointwise operators that read them: f(transpose(x)) becomes transpose(f(x)). There they meet the transposes
/// that undo them, and f joins the kernel that makes x.
/// </summary>
internal sealed class MovementSinking : IGraphPass
{
    public string Name => "movement-sinking";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        if (!graph.Nodes.Any(n => n.Operator.CommutesWithPointwise)) return graph;
        var uses = new Dictionary<Value, int>();
        foreach (var value in graph.Nodes.SelectMany(n => n.Inputs.OfType<Value>().Distinct()).Concat(graph.Outputs.Select(o => o.Value)).Concat(graph.States.Select(s => s.Output)))
            uses[value] = uses.GetValueOrDefault(value) + 1;
        var rewriter = new GraphRewriter(graph);
        var changed = false;
        foreach (var node in graph.Nodes)
        {
            if (Movement(node, rewriter, uses) is { } movement)
            {
                rewriter.Exchange(node, movement);
                changed = true;
            }
            else rewriter.Keep(node);
        }
        return changed ? rewriter.Finish() : graph;
    }

    // The movement that all inputs of a pointwise node come through, single elements apart; inputs are looked up as rewritten, so that a movement sinks through a whole chain in one pass.
    private static Node? Movement(Node node, GraphRewriter rewriter, Dictionary<Value, int> uses)
    {
        if (node.Operator is not IPointwise pointwise || node.Outputs.Count != 1 || pointwise.ToStep(node) is null) return null;
        Node? movement = null;
        foreach (var given in node.Inputs.OfType<Value>())
        {
            var input = rewriter.Map(given);
            if (input.Shape.ElementCount == 1 && input.Shape.Rank <= node.Outputs[0].Shape.Rank && input.Producer?.Operator.CommutesWithPointwise != true) continue;
            if (uses.GetValueOrDefault(given) != 1 || input.Shape != node.Outputs[0].Shape || input.Producer is not { Operator.CommutesWithPointwise: true } producer) return null;
            if (movement is not null && (producer.Operator != movement.Operator || producer.Attributes.ToString() != movement.Attributes.ToString())) return null;
            movement ??= producer;
        }
        return movement;
    }
}
