using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Hyperbolic cosine.</summary>
public sealed class Cosh() : UnaryOperator("cosh", "Hyperbolic cosine.", PointwiseOpcode.HyperbolicCosine, "Cosh", since: 9)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Cosh(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * x.Apply("sinh");
}
