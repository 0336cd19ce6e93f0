using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Sign: -1, 0 or 1; NaN of NaN. Its gradient is zero.</summary>
public sealed class Sign() : UnaryOperator("sign", "Sign: -1, 0 or 1; NaN of NaN. Its gradient is zero.", PointwiseOpcode.Sign, "Sign", since: 9, families: ElementFamilies.Number)
{
    private protected override double Compute(double x, AttributeSet attributes) => double.IsNaN(x) ? x : Math.Sign(x);

    private protected override long Compute(long x, AttributeSet attributes) => Math.Sign(x);
}
