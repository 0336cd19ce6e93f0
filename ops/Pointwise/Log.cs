using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Natural logarithm; -infinity of 0, NaN below.</summary>
public sealed class Log() : UnaryOperator("log", "Natural logarithm; -infinity of 0, NaN below.", PointwiseOpcode.Logarithm, "Log")
{
    private protected override double Compute(double x, AttributeSet attributes) => Math.Log(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g / x;
}
