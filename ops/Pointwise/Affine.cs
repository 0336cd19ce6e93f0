using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>scale * x + shift, with both numbers known when the graph is built.</summary>
public sealed class Affine() : UnaryOperator("affine", "scale * x + shift.", PointwiseOpcode.Affine, null, families: ElementFamilies.Number)
{
    /// <summary>Factor.</summary>
    public static AttributeDefinition<double> Scale { get; } = new("scale", "Factor.", 1.0);

    /// <summary>Summand.</summary>
    public static AttributeDefinition<double> Shift { get; } = new("shift", "Summand.", 0.0);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Scale, Shift];

    /// <inheritdoc/>
    public override void Export(ExportNode node)
    {
        var type = node.TypeOf(0).DataType;
        node.Result("Add", [node.Step("Mul", [node.Inputs[0], node.Scalar(node.Get(Scale), type)]), node.Scalar(node.Get(Shift), type)]);
    }

    private protected override double Compute(double x, AttributeSet attributes) => attributes.Get(Scale) * x + attributes.Get(Shift);

    private protected override long Compute(long x, AttributeSet attributes) => unchecked((long)attributes.Get(Scale) * x + (long)attributes.Get(Shift));

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Scale), attributes.Get(Shift));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g * attributes.Get(Scale);
}
