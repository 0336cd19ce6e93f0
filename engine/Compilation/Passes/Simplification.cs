using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Drops nodes that change nothing and merges neighbours that one node can do, as the operators' pages say
/// (<see cref="Operator.PassesThrough"/>, <see cref="Operator.MergeWith"/>).
/// </summary>
internal sealed class Simplification : IGraphPass
{
    public string Name => "simplification";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        var rewriter = new GraphRewriter(graph);
        var changed = false;
        foreach (var node in graph.Nodes)
        {
            if (node.Outputs.Count == 1 && node.Operator.PassesThrough(node) is { } index && node.Inputs[index] is { } same && same.Type == node.Outputs[0].Type)
            {
                rewriter.Replace(node.Outputs[0], rewriter.Map(same));
                changed = true;
            }
            else if (Merge(node, rewriter)) changed = true;
            else rewriter.Keep(node);
        }
        // What was merged away is left to the dead-code pass: others may still use it.
        return changed ? rewriter.Finish() : graph;
    }

    private static bool Merge(Node node, GraphRewriter rewriter)
    {
        if (node.Outputs.Count != 1 || node.Inputs.Count == 0 || node.Inputs[0] is not { } input) return false;
        if (rewriter.Map(input).Producer is not { Outputs.Count: 1, Inputs: [{ } source, ..] } producer) return false;
        if (node.Operator.MergeWith(node, producer) is not { } attributes) return false;
        var merged = rewriter.AddWith(node, attributes, [source, .. node.Inputs.Skip(1).Select(i => i is null ? null : rewriter.Map(i))]);
        if (node.Operator.PassesThrough(merged) is 0 && source.Type == node.Outputs[0].Type) rewriter.Replace(node.Outputs[0], source);
        return true;
    }
}
