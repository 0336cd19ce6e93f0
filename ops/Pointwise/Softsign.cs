using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x / (1 + |x|).</summary>
public sealed class Softsign() : UnaryOperator("softsign", "x / (1 + |x|).", PointwiseOpcode.Softsign, "Softsign")
{
    private protected override double Compute(double x, AttributeSet attributes) => double.IsInfinity(x) ? Math.Sign(x) : x / (1 + Math.Abs(x));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (x.Apply("abs") + 1).Apply("reciprocal").Apply("square");
}
