using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Sigmoid linear unit, or swish (Ramachandran et al., 2017): x * sigmoid(alpha * x).</summary>
public sealed class Silu() : UnaryOperator("silu", "Sigmoid linear unit, or swish (Ramachandran et al., 2017): x * sigmoid(alpha * x).", PointwiseOpcode.Silu, "Swish", since: 24)
{
    /// <summary>Factor inside the sigmoid.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Factor inside the sigmoid.", 1.0);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha];

    /// <inheritdoc/>
    public override void Export(ExportNode node)
    {
        var alpha = node.Get(Alpha);
        var inner = alpha == 1 ? node.Inputs[0] : node.Step("Mul", [node.Inputs[0], node.Scalar(alpha, node.TypeOf(0).DataType)]);
        node.Result("Mul", [node.Inputs[0], node.Step("Sigmoid", [inner])]);
    }

    private protected override double Compute(double x, AttributeSet attributes)
    {
        var inner = attributes.Get(Alpha) * x;
        return double.IsNegativeInfinity(inner) ? 0 : x * SpecialFunctions.Sigmoid(inner);
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), 0);

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(Alpha, node.Real("alpha", 1.0));

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes)
    {
        var alpha = attributes.Get(Alpha);
        var s = (x * alpha).Apply("sigmoid");
        return g * (s + y * (1 - s) * alpha);
    }
}
