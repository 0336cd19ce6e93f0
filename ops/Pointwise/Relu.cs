using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Rectified linear unit: max(x, 0). Its gradient at 0 is 0.</summary>
public sealed class Relu() : UnaryOperator("relu", "Rectified linear unit: max(x, 0). Its gradient at 0 is 0.", PointwiseOpcode.Relu, "Relu", families: ElementFamilies.Number)
{
    private protected override double Compute(double x, AttributeSet attributes) => double.IsNaN(x) ? x : Math.Max(x, 0);

    private protected override long Compute(long x, AttributeSet attributes) => Math.Max(x, 0);

    // The result is positive where x is, and unlike x it is kept where relu is fused into what makes x.
    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => y.Apply("positive_gate", g);
}
