using VkNet.Compilation;
using VkNet.Graphs;
using OperandMode = VkNet.Compilation.OperandMode;

namespace VkNet.Operators;

/// <summary>How kernels read the operands of a program that they apply to the elements of their input.</summary>
internal static class PrologueOperands
{
    /// <summary>The operands: at the element's place where they are of the input's shape, else one element for all.</summary>
    internal static IReadOnlyList<EpilogueOperand> Of(LoweringContext context, PointwiseProgram? prologue, DeviceTensor input)
    {
        if (prologue is not { OperandCount: > 0 and var count }) return [];
        var operands = new EpilogueOperand[count];
        for (var i = 0; i < count; i++)
        {
            var tensor = context.EpilogueInput(i);
            operands[i] = new EpilogueOperand(tensor, tensor.Shape == input.Shape ? OperandMode.Full : OperandMode.Scalar);
        }
        return operands;
    }
}
