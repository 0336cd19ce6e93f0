using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>The larger of two elements; NaN if either is. Where they are equal the gradient goes to the first.</summary>
public sealed class Max() : BinaryOperator("max", "The larger of a and b; NaN if either is NaN. The gradient goes to the first where they are equal.", PointwiseOpcode.Maximum, null)
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("Max", 1, node => Add.Chain(node, "max"))];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Max", node.Inputs);

    private protected override double Compute(double a, double b, AttributeSet attributes) => Math.Max(a, b);

    private protected override long Compute(long a, long b, AttributeSet attributes) => Math.Max(a, b);

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) =>
        a.Apply("greater_equal", b).Choose(g, g.Constant(0));

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) =>
        a.Apply("less", b).Choose(g, g.Constant(0));
}
