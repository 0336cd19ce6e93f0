using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Inverse hyperbolic sine.</summary>
public sealed class Asinh() : UnaryOperator("asinh", "Inverse hyperbolic sine.", PointwiseOpcode.AreaSine, "Asinh", since: 9)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Asinh(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (x.Apply("square") + 1).Apply("rsqrt");
}
