using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Difference: a - b.</summary>
public sealed class Subtract() : BinaryOperator("sub", "Difference: a - b.", PointwiseOpcode.Subtract, "Sub")
{
    private protected override double Compute(double a, double b, AttributeSet attributes) => a - b;

    private protected override long Compute(long a, long b, AttributeSet attributes) => unchecked(a - b);

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g;

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => -g;
}
