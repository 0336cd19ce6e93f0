using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Operators.Convolution;

/// <summary>How kernels whose result is [N, C, spatial...] read the tensors of a fused program.</summary>
internal static class ChannelEpilogue
{
    /// <summary>The fused program's operands with the way each is read.</summary>
    /// <param name="context">The node.</param>
    /// <param name="layout">The layout in which the kernel works, where the result is stored in another; null for the result's.</param>
    public static List<EpilogueOperand> Operands(LoweringContext context, Graphs.Layout? layout = null)
    {
        var operands = new List<EpilogueOperand>();
        var output = context.Node.Outputs[0];
        for (var i = context.Node.EpilogueStart; i < context.Node.Inputs.Count; i++)
        {
            var tensor = context.EpilogueInput(i - context.Node.EpilogueStart);
            operands.Add(new EpilogueOperand(tensor, OperandShapes.Classify(output.Shape, tensor.Shape) switch
            {
                OperandShape.Full => OperandMode.Full,
                OperandShape.Single => OperandMode.Scalar,
                OperandShape.Channel => PerChannel(layout ?? output.Layout),
                _ => throw new InvalidOperationException($"{context.Node.Name}: an operand of shape {tensor.Shape} was fused into {output.Shape}"),
            }));
        }
        return operands;
    }

    /// <summary>How one element per channel is read for a result in this layout.</summary>
    public static OperandMode PerChannel(Value output) => PerChannel(output.Layout);

    private static OperandMode PerChannel(Graphs.Layout layout) => layout == Graphs.Layout.ChannelsLast ? OperandMode.Column : OperandMode.Row;

    /// <summary>The layout that an input must have: activations and full operands that of the node, everything else (weights, one element per channel) dense.</summary>
    public static Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout, int activations = 1) =>
        input < activations || (input >= node.EpilogueStart && node.Inputs[input]!.Shape == node.Outputs[0].Shape) ? layout : Graphs.Layout.Dense;
}
