using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x * tanh(softplus(x)) (Misra, 2019).</summary>
public sealed class Mish() : UnaryOperator("mish", "x * tanh(softplus(x)) (Misra, 2019).", PointwiseOpcode.Mish, "Mish", since: 18)
{
    private protected override double Compute(double x, AttributeSet attributes) => double.IsNegativeInfinity(x) ? 0 : x * Math.Tanh(SpecialFunctions.Softplus(x));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes)
    {
        var t = x.Apply("softplus").Apply("tanh");
        return g * (t + x * x.Apply("sigmoid") * (1 - t.Apply("square")));
    }
}
