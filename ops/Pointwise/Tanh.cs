using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Hyperbolic tangent.</summary>
public sealed class Tanh() : UnaryOperator("tanh", "Hyperbolic tangent.", PointwiseOpcode.Tanh, "Tanh")
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Tanh(x);

    // g (1 - y^2), as steps of g, so that the kernel that makes g takes them in.
    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g - g * y * y;
}
