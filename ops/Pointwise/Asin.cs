using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Inverse sine in radians; NaN outside -1 ... 1.</summary>
public sealed class Asin() : UnaryOperator("asin", "Inverse sine in radians; NaN outside -1 ... 1.", PointwiseOpcode.ArcSine, "Asin", since: 7)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Asin(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (1 - x.Apply("square")).Apply("rsqrt");
}
