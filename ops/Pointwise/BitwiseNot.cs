using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>The bits not set.</summary>
public sealed class BitwiseNot() : UnaryOperator("bitwise_not", "The bits not set.", PointwiseOpcode.BitwiseNot, "BitwiseNot", since: 18, families: ElementFamilies.Whole)
{
    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    private protected override double Compute(double x, AttributeSet attributes) => Compute((long)x, attributes);

    private protected override long Compute(long x, AttributeSet attributes) => ~x;
}
