using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>x where x is not negative, else slope * x, with a slope that is learned (He et al., 2015).</summary>
public sealed class PRelu() : BinaryOperator("prelu", "a where a >= 0, else b * a: a rectifier whose slope b is learned (He et al., 2015).", PointwiseOpcode.Prelu, "PRelu")
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("PRelu", node.Inputs);

    private protected override double Compute(double a, double b, AttributeSet attributes) => a < 0 ? a * b : a;

    private protected override long Compute(long a, long b, AttributeSet attributes) => a < 0 ? unchecked(a * b) : a;

    // Before opset 7 a slope of one axis belongs to the channels, axis 1.
    private protected override IEnumerable<Value> ImportInputs(ImportNode node)
    {
        var (x, slope) = (node.Input(0), node.Input(1));
        if (node.Opset >= 7 || slope.Shape.Rank != 1 || slope.Shape[0] == 1 || x.Shape.Rank <= 2) return [x, slope];
        var sizes = slope.Shape.Concat(Enumerable.Repeat(1L, x.Shape.Rank - 2)).ToArray();
        return [x, node.Emit("reshape", AttributeSet.Empty.With(Reshape.Shape, sizes).With(Reshape.AllowZero, true), slope)];
    }

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) =>
        a.IsBelow(0).Choose(g * b, g);

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) =>
        a.IsBelow(0).Choose(g * a, g.Constant(0));
}
