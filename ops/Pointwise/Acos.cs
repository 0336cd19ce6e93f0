using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Inverse cosine in radians; NaN outside -1 ... 1.</summary>
public sealed class Acos() : UnaryOperator("acos", "Inverse cosine in radians; NaN outside -1 ... 1.", PointwiseOpcode.ArcCosine, "Acos", since: 7)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Acos(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => -(g * (1 - x.Apply("square")).Apply("rsqrt"));
}
