using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Implemented by operators that multiply the last axis of input 0 with a matrix, input 1, and add input 2, if there is one, to every row: dense
/// layers and matrix products. Those that share input 0 can be computed by one call.
/// </summary>
public interface IFullyConnected
{
    /// <summary>Whether input 1 lies as [units, features] (true) or as [features, units] (false); null when the node has another form.</summary>
    bool? HasUnitsFirst(Node node);
}
