using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>e to the power x, minus 1, accurate near 0.</summary>
public sealed class Expm1() : UnaryOperator("expm1", "e to the power x, minus 1, accurate near 0.", PointwiseOpcode.ExponentialMinusOne, null)
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Sub", [node.Step("Exp", node.Inputs), node.Scalar(1, node.TypeOf(0).DataType)]);

    private protected override double Compute(double x, AttributeSet attributes) => SpecialFunctions.ExpMinusOne(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * (y + 1);
}
