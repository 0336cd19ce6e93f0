using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>The largest whole number not above x. Its gradient is zero.</summary>
public sealed class Floor() : UnaryOperator("floor", "The largest whole number not above x. Its gradient is zero.", PointwiseOpcode.Floor, "Floor")
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Floor(x);
}
