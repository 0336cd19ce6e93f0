using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Tangent of an angle in radians.</summary>
public sealed class Tan() : UnaryOperator("tan", "Tangent of an angle in radians.", PointwiseOpcode.Tangent, "Tan", since: 7)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Tan(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (y.Apply("square") + 1);
}
