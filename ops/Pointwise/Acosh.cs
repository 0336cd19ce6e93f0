using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Inverse hyperbolic cosine; NaN below 1.</summary>
public sealed class Acosh() : UnaryOperator("acosh", "Inverse hyperbolic cosine; NaN below 1.", PointwiseOpcode.AreaCosine, "Acosh", since: 9)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Acosh(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (x.Apply("square") - 1).Apply("rsqrt");
}
