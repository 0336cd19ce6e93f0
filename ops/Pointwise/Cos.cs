using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Cosine of an angle in radians.</summary>
public sealed class Cos() : UnaryOperator("cos", "Cosine of an angle in radians.", PointwiseOpcode.Cosine, "Cos", since: 7)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Cos(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => -(g * x.Apply("sin"));
}
