using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x where x &gt;= 0, else alpha * x. Its gradient at 0 is alpha.</summary>
public sealed class LeakyRelu() : UnaryOperator("leaky_relu", "x where x >= 0, else alpha * x. Its gradient at 0 is alpha.", PointwiseOpcode.LeakyRelu, "LeakyRelu")
{
    /// <summary>Slope below zero.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Slope below zero.", 0.01);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha];

    private protected override double Compute(double x, AttributeSet attributes)
    {
        return x < 0 ? attributes.Get(Alpha) * x : x;
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), 0);

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("alpha", attributes.Get(Alpha))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Alpha, node.Real("alpha", 0.01));

    // Unless the slope is negative the result is positive where x is, and unlike x it is kept where this is fused into what makes x.
    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) =>
        (attributes.Get(Alpha) >= 0 ? y : x).Apply("positive_gate", AttributeSet.Empty.With(PositiveGate.Alpha, attributes.Get(Alpha)), g);
}
