using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>The smallest whole number not below x. Its gradient is zero.</summary>
public sealed class Ceil() : UnaryOperator("ceil", "The smallest whole number not below x. Its gradient is zero.", PointwiseOpcode.Ceiling, "Ceil")
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Ceiling(x);
}
