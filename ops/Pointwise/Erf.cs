using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Error function: 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.</summary>
public sealed class Erf() : UnaryOperator("erf", "Error function: 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.", PointwiseOpcode.ErrorFunction, "Erf", since: 9)
{
    private protected override double Compute(double x, AttributeSet attributes) => SpecialFunctions.Erf(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (-x.Apply("square")).Apply("exp") * (2 / Math.Sqrt(Math.PI));
}
