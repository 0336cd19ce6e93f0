using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Implemented by operators that multiply each channel (axis 1) of input 0 with a factor and add a summand, both computed from the other
/// inputs: batch normalisation in inference.
/// </summary>
public interface IChannelAffine
{
    /// <summary>Whether the node has this form.</summary>
    bool IsChannelAffine(Node node);

    /// <summary>Computes factor and summand, [channels] each, with nodes emitted in front of the node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">The node's inputs as they are now.</param>
    /// <param name="emit">Adds nodes.</param>
    (Value Scale, Value Shift) ToAffine(Node node, IReadOnlyList<Value?> inputs, NodeEmitter emit);
}
