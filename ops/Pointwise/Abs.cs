using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Absolute value: |x|.</summary>
public sealed class Abs() : UnaryOperator("abs", "Absolute value: |x|.", PointwiseOpcode.Absolute, "Abs", families: ElementFamilies.Number)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Abs(x);

    private protected override long Compute(long x, AttributeSet attributes) => unchecked(x < 0 ? -x : x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * x.Apply("sign");
}
