using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using OperandMode = VkNet.Compilation.OperandMode;

namespace VkNet.Operators.Convolution;

/// <summary>A node's bias as the first step of its epilogue: value + bias, then whatever was fused into the node.</summary>
internal static class BiasEpilogue
{
    /// <summary>The program and operands with the bias put in front.</summary>
    /// <param name="context">The node being lowered.</param>
    /// <param name="bias">The bias; null leaves the node's own program as it is.</param>
    /// <param name="mode">How the bias is read.</param>
    /// <param name="fused">Operands of the node's own program.</param>
    internal static (PointwiseProgram Program, IReadOnlyList<EpilogueOperand> Operands) Of(LoweringContext context, DeviceTensor? bias, OperandMode mode, IReadOnlyList<EpilogueOperand> fused)
    {
        var program = context.Epilogue ?? PointwiseProgram.Identity;
        if (bias is null) return (program, fused);
        var steps = new List<PointwiseStep> { new((int)PointwiseOpcode.Add, 0, 1) };
        steps.AddRange(program.Steps.Select(s => s with { A = Shift(s.A), B = Shift(s.B), C = Shift(s.C) }));
        return (new PointwiseProgram(steps, fused.Count + 1), [new EpilogueOperand(bias, mode), .. fused]);
    }

    // The value with the bias added takes the place of the primary value; operands and results move up by one.
    private static int Shift(int register) => register == 0 ? PointwiseProgram.FirstResult : register + 1;
}
