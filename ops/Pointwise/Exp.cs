using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Exponential: e to the power x.</summary>
public sealed class Exp() : UnaryOperator("exp", "Exponential: e to the power x.", PointwiseOpcode.Exponential, "Exp")
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Exp(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * y;
}
