using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Logistic sigmoid: 1 / (1 + e^-x).</summary>
public sealed class Sigmoid() : UnaryOperator("sigmoid", "Logistic sigmoid: 1 / (1 + e^-x).", PointwiseOpcode.Sigmoid, "Sigmoid")
{
    private protected override double Compute(double x, AttributeSet attributes) => SpecialFunctions.Sigmoid(x);

    // g y (1 - y), as steps of g, so that the kernel that makes g takes them in.
    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes)
    {
        Formula scaled = g * y;
        return scaled - scaled * y;
    }
}
