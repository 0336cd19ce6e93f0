using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>The bits set in both.</summary>
public sealed class BitwiseAnd() : BinaryOperator("bitwise_and", "The bits set in both.", PointwiseOpcode.BitwiseAnd, "BitwiseAnd", since: 18, families: ElementFamilies.Whole)
{
    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    private protected override double Compute(double a, double b, AttributeSet attributes) => Compute((long)a, (long)b, attributes);

    private protected override long Compute(long a, long b, AttributeSet attributes) => a & b;
}
