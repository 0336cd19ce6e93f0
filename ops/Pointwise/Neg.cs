using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Negation: -x.</summary>
public sealed class Neg() : UnaryOperator("neg", "Negation: -x.", PointwiseOpcode.Negate, "Neg", families: ElementFamilies.Number)
{
    private protected override double Compute(double x, AttributeSet attributes) => -x;

    private protected override long Compute(long x, AttributeSet attributes) => unchecked(-x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => -g;
}
