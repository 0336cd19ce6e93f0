using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Hyperbolic tangent.</summary>
public sealed class Tanh() : UnaryOperator("tanh", "Hyperbolic tangent.", PointwiseOpcode.Tanh, "Tanh")
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Tanh(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (1 - y.Apply("square"));
}
