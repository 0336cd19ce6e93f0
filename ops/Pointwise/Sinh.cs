using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Hyperbolic sine.</summary>
public sealed class Sinh() : UnaryOperator("sinh", "Hyperbolic sine.", PointwiseOpcode.HyperbolicSine, "Sinh", since: 9)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Sinh(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * x.Apply("cosh");
}
