using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Scaled exponential linear unit (Klambauer et al., 2017): gamma * (x where x &gt; 0, else alpha * (e^x - 1)).</summary>
public sealed class Selu() : UnaryOperator("selu", "Scaled exponential linear unit (Klambauer et al., 2017): gamma * (x where x > 0, else alpha * (e^x - 1)).", PointwiseOpcode.Selu, "Selu")
{
    /// <summary>Scale of the negative part.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Scale of the negative part.", 1.67326319217681884765625);

    /// <summary>Scale of the whole.</summary>
    public static AttributeDefinition<double> Gamma { get; } = new("gamma", "Scale of the whole.", 1.05070102214813232421875);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha, Gamma];

    private protected override double Compute(double x, AttributeSet attributes)
    {
        return attributes.Get(Gamma) * (x > 0 ? x : attributes.Get(Alpha) * SpecialFunctions.ExpMinusOne(x));
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), attributes.Get(Gamma));

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("alpha", attributes.Get(Alpha)), ("gamma", attributes.Get(Gamma))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Alpha, node.Real("alpha", node.Opset < 6 ? 1.6732 : 1.67326319217681884765625)).With(Gamma, node.Real("gamma", node.Opset < 6 ? 1.0507 : 1.05070102214813232421875));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) =>
        x.IsAbove(0).Choose(g * attributes.Get(Gamma), g * (y + attributes.Get(Alpha) * attributes.Get(Gamma)));
}
