using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Base of the pointwise operators of one input.</summary>
public abstract class UnaryOperator : PointwiseOperator
{
    private protected UnaryOperator(string name, string summary, PointwiseOpcode opcode, string? onnxName, int since = 1, ElementFamilies families = ElementFamilies.Real)
        : base(name, summary, opcode, families, onnxName, since, [new OperandDefinition("input", "any shape")])
    {
    }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [Gradient(Formula.Of(context, context.Upstream), Formula.Of(context, context.Input(0)), Formula.Of(context, context.Output(0)), context.Node.Attributes)];

    /// <summary>The gradient of the input; null where it is zero everywhere (almost).</summary>
    /// <param name="g">Gradient of the output.</param>
    /// <param name="x">The input.</param>
    /// <param name="y">The output.</param>
    /// <param name="attributes">The node's attributes.</param>
    private protected virtual Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => null;

    /// <summary>The function on a real.</summary>
    private protected abstract double Compute(double x, AttributeSet attributes);

    /// <summary>The function on a whole number, where the operator takes them.</summary>
    private protected virtual long Compute(long x, AttributeSet attributes) => base.Compute([x], attributes);

    private protected sealed override double Compute(ReadOnlySpan<double> x, AttributeSet attributes) => Compute(x[0], attributes);

    private protected sealed override long Compute(ReadOnlySpan<long> x, AttributeSet attributes) => Compute(x[0], attributes);
}
