using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Implemented by operators whose output is linear in the inputs after the first (a weight and an optional bias), channel by channel, with
/// channels on axis 1: convolutions and dense layers. A factor and a summand per channel can be worked into those inputs.
/// </summary>
public interface IChannelLinear
{
    /// <summary>Whether the node has this form.</summary>
    bool IsChannelLinear(Node node);

    /// <summary>The inputs with which the node computes scale * y + shift, made with nodes emitted in front of it.</summary>
    /// <param name="inputs">The node's inputs as they are now.</param>
    /// <param name="node">The node.</param>
    /// <param name="scale">Factor, [channels].</param>
    /// <param name="shift">Summand, [channels].</param>
    /// <param name="emit">Adds nodes.</param>
    IReadOnlyList<Value?> Absorb(Node node, IReadOnlyList<Value?> inputs, Value scale, Value shift, NodeEmitter emit);
}
