using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Natural logarithm of 1 + x, accurate near 0.</summary>
public sealed class Log1p() : UnaryOperator("log1p", "Natural logarithm of 1 + x, accurate near 0.", PointwiseOpcode.LogarithmPlusOne, null)
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Log", [node.Step("Add", [node.Inputs[0], node.Scalar(1, node.TypeOf(0).DataType)])]);

    private protected override double Compute(double x, AttributeSet attributes) => SpecialFunctions.LogPlusOne(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g / (x + 1);
}
