using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x where x &gt; alpha, else 0.</summary>
public sealed class ThresholdedRelu() : UnaryOperator("thresholded_relu", "x where x > alpha, else 0.", PointwiseOpcode.ThresholdedRelu, "ThresholdedRelu", since: 10)
{
    /// <summary>Threshold.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Threshold.", 1.0);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha];

    private protected override double Compute(double x, AttributeSet attributes)
    {
        return double.IsNaN(x) || x > attributes.Get(Alpha) ? x : 0;
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), 0);

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("alpha", attributes.Get(Alpha))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Alpha, node.Real("alpha", 1.0));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) =>
        x.IsAbove(attributes.Get(Alpha)).Choose(g, g.Constant(0));
}
