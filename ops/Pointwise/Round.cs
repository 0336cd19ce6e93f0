using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>The nearest whole number, halves to the even one. Its gradient is zero.</summary>
public sealed class Round() : UnaryOperator("round", "The nearest whole number, halves to the even one. Its gradient is zero.", PointwiseOpcode.Round, "Round", since: 11)
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Round(x, MidpointRounding.ToEven);
}
