using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Finds who reads a value.</summary>
internal static class GraphUsers
{
    /// <summary>The nodes that read each value, each once, in the graph's order.</summary>
    internal static Dictionary<Value, List<Node>> Of(Graph graph)
    {
        var users = new Dictionary<Value, List<Node>>();
        foreach (var node in graph.Nodes)
        foreach (var input in node.Inputs)
        {
            if (input is null) continue;
            if (!users.TryGetValue(input, out var list)) users[input] = list = [];
            if (list.Count == 0 || list[^1] != node) list.Add(node);
        }
        return users;
    }
}
