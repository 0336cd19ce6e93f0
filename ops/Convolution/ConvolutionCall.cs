using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Operators.Convolution;

/// <summary>A convolution being lowered.</summary>
/// <param name="Context">The node.</param>
/// <param name="Geometry">Its sizes.</param>
/// <param name="Input">The input.</param>
/// <param name="Weight">The weight, dense.</param>
/// <param name="Output">The output.</param>
/// <param name="Program">The epilogue, bias included.</param>
/// <param name="Operands">Its operands.</param>
/// <param name="Cost">The nominal cost.</param>
internal sealed record ConvolutionCall(LoweringContext Context, ConvolutionGeometry Geometry, DeviceTensor Input, DeviceTensor Weight, DeviceTensor Output, PointwiseProgram Program, IReadOnlyList<EpilogueOperand> Operands, OperatorCost Cost)
{
    /// <summary>Whether the weight is that of the convolution whose adjoint this is, [channels, filters / groups, taps], to be met from its last tap to its first.</summary>
    internal bool WeightIsAdjoint { get; init; }
}
