using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Square root; NaN below 0.</summary>
public sealed class Sqrt() : UnaryOperator("sqrt", "Square root; NaN below 0.", PointwiseOpcode.SquareRoot, "Sqrt")
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Sqrt(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * 0.5 / y;
}
