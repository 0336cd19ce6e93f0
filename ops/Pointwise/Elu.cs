using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Exponential linear unit (Clevert et al., 2015): x where x &gt;= 0, else alpha * (e^x - 1).</summary>
public sealed class Elu() : UnaryOperator("elu", "Exponential linear unit (Clevert et al., 2015): x where x >= 0, else alpha * (e^x - 1).", PointwiseOpcode.Elu, "Elu")
{
    /// <summary>Minus the limit at -infinity.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Minus the limit at -infinity.", 1.0);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha];

    private protected override double Compute(double x, AttributeSet attributes)
    {
        return x < 0 ? attributes.Get(Alpha) * SpecialFunctions.ExpMinusOne(x) : x;
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), 0);

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("alpha", attributes.Get(Alpha))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Alpha, node.Real("alpha", 1.0));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) =>
        x.IsBelow(0).Choose(g * (y + attributes.Get(Alpha)), g);
}
