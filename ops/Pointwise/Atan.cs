using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Inverse tangent in radians.</summary>
public sealed class Atan() : UnaryOperator("atan", "Inverse tangent in radians.", PointwiseOpcode.ArcTangent, "Atan", since: 7)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Atan(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g / (x.Apply("square") + 1);
}
