using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Reciprocal: 1 / x.</summary>
public sealed class Reciprocal() : UnaryOperator("reciprocal", "Reciprocal: 1 / x.", PointwiseOpcode.Reciprocal, "Reciprocal")
{
    private protected override double Compute(double x, AttributeSet attributes) => 1 / x;

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => -(g * y * y);
}
