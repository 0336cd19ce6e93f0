using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Implemented by operators that make every element of input 0 a block of equal elements.</summary>
public interface IRepeats
{
    /// <summary>Elements that each element becomes along each spatial axis; null where a node does something else.</summary>
    IReadOnlyList<long>? RepeatsOf(Node node);
}
