using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Inverse hyperbolic tangent; NaN outside -1 ... 1.</summary>
public sealed class Atanh() : UnaryOperator("atanh", "Inverse hyperbolic tangent; NaN outside -1 ... 1.", PointwiseOpcode.AreaTangent, "Atanh", since: 9)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Atanh(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g / (1 - x.Apply("square"));
}
