using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x + bias where x &lt; -threshold, x - bias where x &gt; threshold, else 0.</summary>
public sealed class Shrink() : UnaryOperator("shrink", "x + bias where x < -threshold, x - bias where x > threshold, else 0.", PointwiseOpcode.Shrink, "Shrink", since: 9)
{
    /// <summary>Half the width of the dead zone.</summary>
    public static AttributeDefinition<double> Threshold { get; } = new("threshold", "Half the width of the dead zone.", 0.5);

    /// <summary>What is taken from the magnitude outside it.</summary>
    public static AttributeDefinition<double> Bias { get; } = new("bias", "What is taken from the magnitude outside it.", 0.0);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Threshold, Bias];

    private protected override double Compute(double x, AttributeSet attributes)
    {
        var (threshold, bias) = (attributes.Get(Threshold), attributes.Get(Bias));
        return double.IsNaN(x) ? x : x < -threshold ? x + bias : x > threshold ? x - bias : 0;
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Threshold), attributes.Get(Bias));

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("lambd", attributes.Get(Threshold)), ("bias", attributes.Get(Bias))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Threshold, node.Real("lambd", 0.5)).With(Bias, node.Real("bias", 0));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) =>
        x.Apply("abs").IsAbove(attributes.Get(Threshold)).Choose(g, g.Constant(0));
}
