using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Product: a * b, element by element.</summary>
public sealed class Multiply() : BinaryOperator("mul", "Product: a * b, element by element.", PointwiseOpcode.Multiply, "Mul")
{
    private protected override double Compute(double a, double b, AttributeSet attributes) => a * b;

    private protected override long Compute(long a, long b, AttributeSet attributes) => unchecked(a * b);

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g * b;

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g * a;
}
