using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Base of the pointwise operators of two inputs.</summary>
public abstract class BinaryOperator : PointwiseOperator
{
    private static readonly OperandDefinition[] TwoInputs = [new("a", "any shape"), new("b", "a shape that broadcasts with a's")];

    private protected BinaryOperator(string name, string summary, PointwiseOpcode opcode, string? onnxName, int since = 1, ElementFamilies families = ElementFamilies.Number)
        : base(name, summary, opcode, families, onnxName, since, TwoInputs)
    {
    }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (g, a, b, y) = (Formula.Of(context, context.Upstream), Formula.Of(context, context.Input(0)), Formula.Of(context, context.Input(1)), Formula.Of(context, context.Output(0)));
        return
        [
            context.Needed[0] && GradientOfFirst(g, a, b, y, context.Node.Attributes) is { } first ? GradientShapes.ReduceTo(context.Builder, first, context.Input(0).Shape) : null,
            context.Needed[1] && GradientOfSecond(g, a, b, y, context.Node.Attributes) is { } second ? GradientShapes.ReduceTo(context.Builder, second, context.Input(1).Shape) : null,
        ];
    }

    /// <summary>The gradient of the first input, of the output's shape; null where it is zero.</summary>
    private protected virtual Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => null;

    /// <summary>The gradient of the second input, of the output's shape; null where it is zero.</summary>
    private protected virtual Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => null;

    /// <summary>The function on reals.</summary>
    private protected abstract double Compute(double a, double b, AttributeSet attributes);

    /// <summary>The function on whole numbers, where the operator takes them.</summary>
    private protected virtual long Compute(long a, long b, AttributeSet attributes) => base.Compute([a, b], attributes);

    private protected sealed override double Compute(ReadOnlySpan<double> x, AttributeSet attributes) => Compute(x[0], x[1], attributes);

    private protected sealed override long Compute(ReadOnlySpan<long> x, AttributeSet attributes) => Compute(x[0], x[1], attributes);

    private protected override IEnumerable<Value> ImportInputs(ImportNode node) => LegacyBroadcast.Align(node);
}
