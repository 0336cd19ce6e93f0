using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <summary>How kernels whose result has its columns along the last axis read the tensors of a fused program.</summary>
internal static class ColumnEpilogue
{
    /// <summary>Whether a fused step may read this tensor.</summary>
    public static bool Accepts(Node node, Value operand) => operand.DataType == DataType.Float32 && ModeOf(node.Outputs[0].Shape, operand.Shape) != OperandMode.None;

    /// <summary>The fused program's operands with the way each is read.</summary>
    public static List<EpilogueOperand> Operands(LoweringContext context)
    {
        var operands = new List<EpilogueOperand>();
        for (var i = context.Node.EpilogueStart; i < context.Node.Inputs.Count; i++)
        {
            var tensor = context.EpilogueInput(i - context.Node.EpilogueStart);
            operands.Add(new EpilogueOperand(tensor, ModeOf(context.Node.Outputs[0].Shape, tensor.Shape)));
        }
        return operands;
    }

    private static OperandMode ModeOf(Shape output, Shape operand) => OperandShapes.Classify(output, operand) switch
    {
        OperandShape.Full => OperandMode.Full,
        OperandShape.Single => OperandMode.Scalar,
        OperandShape.Last => OperandMode.Column,
        // In rank 2 the channel is the last axis.
        OperandShape.Channel when output.Rank == 2 => OperandMode.Column,
        _ => OperandMode.None,
    };
}
