using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>alpha * x + beta, limited to 0 ... 1. Its gradient is zero at the corners.</summary>
public sealed class HardSigmoid() : UnaryOperator("hard_sigmoid", "alpha * x + beta, limited to 0 ... 1. Its gradient is zero at the corners.", PointwiseOpcode.HardSigmoid, "HardSigmoid")
{
    /// <summary>Slope.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Slope.", 0.2);

    /// <summary>Value at 0.</summary>
    public static AttributeDefinition<double> Beta { get; } = new("beta", "Value at 0.", 0.5);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha, Beta];

    private protected override double Compute(double x, AttributeSet attributes)
    {
        return Math.Clamp(attributes.Get(Alpha) * x + attributes.Get(Beta), 0, 1);
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), attributes.Get(Beta));

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("alpha", attributes.Get(Alpha)), ("beta", attributes.Get(Beta))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Alpha, node.Real("alpha", 0.2)).With(Beta, node.Real("beta", 0.5));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) =>
        y.IsAbove(0).Apply("and", y.IsBelow(1)).Choose(g * attributes.Get(Alpha), g.Constant(0));
}
