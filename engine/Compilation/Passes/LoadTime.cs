using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Which values are known when a model is loaded: parameters that are not carried from run to run, and what is computed of them and of constants alone.</summary>
internal static class LoadTime
{
    internal static HashSet<Value> ValuesOf(Graph graph)
    {
        var carried = graph.States.Select(s => s.Input).ToHashSet();
        var known = new HashSet<Value>(graph.Parameters.Where(p => !carried.Contains(p)));
        foreach (var node in graph.Nodes)
            if (node.Inputs.Count > 0 && node.Operator.IsFoldable && node.Inputs.All(i => IsKnown(i, known))) known.UnionWith(node.Outputs);
        return known;
    }

    /// <summary>Whether a value is known; one that is absent is.</summary>
    internal static bool IsKnown(Value? value, HashSet<Value> known) => value is null || value.Constant is not null || known.Contains(value);
}
