namespace VkNet.Graphs;

/// <summary>What an operator's gradient rule sees: the node, the gradients of its outputs, and a builder to write the answer with.</summary>
/// <param name="Builder">Builds nodes in the graph being differentiated.</param>
/// <param name="Node">The node being differentiated.</param>
/// <param name="OutputGradients">Gradient of the loss for each output, of that output's type; null where the output does not reach the loss.</param>
/// <param name="Needed">Whether the gradient of input i is wanted; others may be returned as null.</param>
public sealed record GradientContext(GraphBuilder Builder, Node Node, IReadOnlyList<Value?> OutputGradients, IReadOnlyList<bool> Needed)
{
    /// <summary>Input <paramref name="index"/> of the node, as seen in the graph being built.</summary>
    public Value Input(int index) => Node.Inputs[index]!;

    /// <summary>Output <paramref name="index"/> of the node.</summary>
    public Value Output(int index) => Node.Outputs[index];

    /// <summary>The gradient of output 0, which must be present.</summary>
    public Value Upstream => OutputGradients[0]!;
}
