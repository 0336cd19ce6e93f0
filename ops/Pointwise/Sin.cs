using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Sine of an angle in radians.</summary>
public sealed class Sin() : UnaryOperator("sin", "Sine of an angle in radians.", PointwiseOpcode.Sine, "Sin", since: 7)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Sin(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * x.Apply("cos");
}
