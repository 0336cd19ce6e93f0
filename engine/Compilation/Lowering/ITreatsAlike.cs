using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Implemented by operators that do the same to many tensors, element by element (optimizers): where the tensors of every role lie one
/// after another, in one order, a single call serves them all. A graph that is compiled with fusion is laid out so.
/// </summary>
public interface ITreatsAlike
{
    /// <summary>The inputs of a node by role: entry t of every role belongs to tensor t. Tensor t has one type in all of them.</summary>
    IReadOnlyList<IReadOnlyList<int>> Roles(Node node);
}
