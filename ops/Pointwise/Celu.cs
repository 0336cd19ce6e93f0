using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Continuously differentiable exponential linear unit (Barron, 2017): x where x &gt;= 0, else alpha * (e^(x / alpha) - 1).</summary>
public sealed class Celu() : UnaryOperator("celu", "Continuously differentiable exponential linear unit (Barron, 2017): x where x >= 0, else alpha * (e^(x / alpha) - 1).", PointwiseOpcode.Celu, "Celu", since: 12)
{
    /// <summary>Scale of the negative part.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Scale of the negative part.", 1.0);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha];

    private protected override double Compute(double x, AttributeSet attributes)
    {
        var alpha = attributes.Get(Alpha);
        return x < 0 ? alpha * SpecialFunctions.ExpMinusOne(x / alpha) : x;
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), 0);

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("alpha", attributes.Get(Alpha))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Alpha, node.Real("alpha", 1.0));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) =>
        x.IsBelow(0).Choose(g * (y * (1 / attributes.Get(Alpha)) + 1), g);
}
