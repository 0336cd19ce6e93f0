using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x without its fraction. Its gradient is zero.</summary>
public sealed class Trunc() : UnaryOperator("trunc", "x without its fraction. Its gradient is zero.", PointwiseOpcode.Truncate, null)
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Mul", [node.Step("Sign", node.Inputs), node.Step("Floor", [node.Step("Abs", node.Inputs)])]);

    private protected override double Compute(double x, AttributeSet attributes) => Math.Truncate(x);
}
