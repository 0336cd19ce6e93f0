using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Smooth rectifier: log(1 + e^x).</summary>
public sealed class Softplus() : UnaryOperator("softplus", "Smooth rectifier: log(1 + e^x).", PointwiseOpcode.Softplus, "Softplus")
{
    private protected override double Compute(double x, AttributeSet attributes) => SpecialFunctions.Softplus(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * x.Apply("sigmoid");
}
