using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Quotient: a / b; of whole numbers cut toward zero (0 where b is 0).</summary>
public sealed class Divide() : BinaryOperator("div", "Quotient: a / b; of whole numbers cut toward zero (0 where b is 0).", PointwiseOpcode.Divide, "Div")
{
    private protected override double Compute(double a, double b, AttributeSet attributes) => a / b;

    private protected override long Compute(long a, long b, AttributeSet attributes) => b == 0 ? 0 : b == -1 ? unchecked(-a) : a / b;

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g / b;

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => -(g * y / b);
}
