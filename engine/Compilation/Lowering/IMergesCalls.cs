using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Implemented by operators several nodes of which one call can serve, though none reads what another computes: what nodes of different
/// operators make of the same tensors, or small calls that do the same to different tensors.
/// </summary>
public interface IMergesCalls
{
    /// <summary>What nodes that one call could serve have in common, compared by value; null where the node has a call of its own.</summary>
    object? MergingKey(Node node);

    /// <summary>What computes all that nodes of one key do, in groups; nodes that are in none have calls of their own. Asked of the first node's operator.</summary>
    /// <param name="nodes">At least two nodes, in the graph's order, none of which is read before the last.</param>
    IEnumerable<MergedCall> Merge(IReadOnlyList<Node> nodes);
}
