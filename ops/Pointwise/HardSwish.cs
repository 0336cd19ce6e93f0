using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x * (x / 6 + 1/2 limited to 0 ... 1) (Howard et al., 2019). Its gradient at -3 is 0, at 3 it is 1.</summary>
public sealed class HardSwish() : UnaryOperator("hard_swish", "x * (x / 6 + 1/2 limited to 0 ... 1) (Howard et al., 2019).", PointwiseOpcode.HardSwish, "HardSwish", since: 14)
{
    private protected override double Compute(double x, AttributeSet attributes) => x <= -3 ? 0 : x * Math.Clamp(x / 6 + 0.5, 0, 1);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes)
    {
        var inside = x.IsBelow(3).Choose(g * x.Affine(1.0 / 3, 0.5), g);
        return x.IsAbove(-3).Choose(inside, g.Constant(0));
    }
}
