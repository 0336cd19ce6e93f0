using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x without its fraction. Its gradient is zero.</summary>
public sealed class Trunc() : UnaryOperator("trunc", "x without its fraction. Its gradient is zero.", PointwiseOpcode.Truncate, null)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Truncate(x);
}
