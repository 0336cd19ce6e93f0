using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Gaussian error linear unit (Hendrycks and Gimpel, 2016): x times the standard normal distribution function, exact or by tanh.</summary>
public sealed class Gelu() : PointwiseOperator("gelu", "x * (1 + erf(x / sqrt 2)) / 2, or its approximation by tanh (Hendrycks and Gimpel, 2016).", PointwiseOpcode.Gelu, ElementFamilies.Real, "Gelu", 20, [new OperandDefinition("input", "any shape")])
{
    private const double Slope = 0.79788456080286535588; // sqrt(2 / pi)
    private const double Cubic = 0.044715;

    /// <summary>none, or tanh.</summary>
    public static AttributeDefinition<string> Approximate { get; } = new("approximate", "none, or tanh: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2.", "none") { Choices = ["none", "tanh"] };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Approximate];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (g, x) = (Formula.Of(context, context.Upstream), Formula.Of(context, context.Input(0)));
        if (!IsTanh(context.Node.Attributes))
        {
            var density = (x.Apply("square") * -0.5).Apply("exp") * (1 / Math.Sqrt(2 * Math.PI));
            return [g * ((x * (1 / Math.Sqrt(2))).Apply("erf").Affine(0.5, 0.5) + x * density)];
        }
        var square = x.Apply("square");
        var t = (x * square.Affine(Slope * Cubic, Slope)).Apply("tanh");
        return [g * (t.Affine(0.5, 0.5) + x * (1 - t.Apply("square")) * square.Affine(1.5 * Slope * Cubic, 0.5 * Slope))];
    }

    private protected override double Compute(ReadOnlySpan<double> x, AttributeSet attributes)
    {
        if (double.IsNegativeInfinity(x[0])) return 0;
        return IsTanh(attributes)
            ? 0.5 * x[0] * (1 + Math.Tanh(Slope * (x[0] + Cubic * x[0] * x[0] * x[0])))
            : x[0] * SpecialFunctions.NormalDistribution(x[0]);
    }

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("approximate", attributes.Get(Approximate)!)];

    private protected override AttributeSet ImportAttributes(ImportNode node) => AttributeSet.Empty.With(Approximate, node.Text("approximate", "none"));

    private protected override PointwiseStep? OwnStep(Node node) =>
        base.OwnStep(node)!.Value with { Opcode = (int)(IsTanh(node.Attributes) ? PointwiseOpcode.GeluTanh : PointwiseOpcode.Gelu) };

    private static bool IsTanh(AttributeSet attributes) => attributes.Get(Approximate) == "tanh";
}
