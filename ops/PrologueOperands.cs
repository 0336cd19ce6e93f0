using VkNet.Compilation;
using VkNet.Graphs;
using OperandMode = VkNet.Compilation.OperandMode;

namespace VkNet.Operators;

/// <summary>How kernels read the operands of a program that they apply to the elements of their input.</summary>
internal static class PrologueOperands
{
    /// <summary>The operands: at the element's place where they are of the input's shape, else one element for all.</summary>
    internal static IReadOnlyList<EpilogueOperand> Of(LoweringContext context, PointwiseProgram? prologue, DeviceTensor input) =>
        [.. Enumerable.Range(0, prologue?.OperandCount ?? 0).Select(context.EpilogueInput).Select(t => new EpilogueOperand(t, t.Shape == input.Shape ? OperandMode.Full : OperandMode.Scalar))];
}
