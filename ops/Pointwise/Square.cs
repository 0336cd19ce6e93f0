using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Square: x * x.</summary>
public sealed class Square() : UnaryOperator("square", "Square: x * x.", PointwiseOpcode.Square, null, families: ElementFamilies.Number)
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Mul", [node.Inputs[0], node.Inputs[0]]);

    private protected override double Compute(double x, AttributeSet attributes) => x * x;

    private protected override long Compute(long x, AttributeSet attributes) => unchecked(x * x);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * x * 2;
}
