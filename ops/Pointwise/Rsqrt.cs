using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Reciprocal square root: 1 / sqrt(x).</summary>
public sealed class Rsqrt() : UnaryOperator("rsqrt", "Reciprocal square root: 1 / sqrt(x).", PointwiseOpcode.ReciprocalSquareRoot, null)
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Reciprocal", [node.Step("Sqrt", node.Inputs)]);

    private protected override double Compute(double x, AttributeSet attributes) => 1 / Math.Sqrt(x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * y * y * y * -0.5;
}
