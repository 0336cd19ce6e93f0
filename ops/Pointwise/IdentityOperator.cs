using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Base of the operators whose result is their input: a view, unless a fused program goes with them.</summary>
public abstract class IdentityOperator : UnaryOperator
{
    private protected IdentityOperator(string name, string summary, string? onnxName)
        : base(name, summary, PointwiseOpcode.Copy, onnxName, families: ElementFamilies.Any)
    {
    }

    /// <inheritdoc/>
    public sealed override void Evaluate(HostContext context) => context.Set(0, context.Input(0));

    /// <inheritdoc/>
    public sealed override PointwiseStep? ToStep(Node node) => new((int)PointwiseOpcode.Copy, 0);

    /// <inheritdoc/>
    public sealed override void Lower(LoweringContext context)
    {
        if (context.Epilogue is null && context.Node.Outputs.Count == 1) context.Alias(0, context.Input(0));
        else base.Lower(context);
    }

    /// <inheritdoc/>
    public sealed override void Export(ExportNode node) => node.Result("Identity", node.Inputs);

    private protected sealed override PointwiseStep? OwnStep(Node node) => null;

    // Nothing is computed, so nothing can leave a narrow type's range.
    private protected sealed override int WrapOf(Node node) => 0;

    private protected sealed override double Compute(double x, AttributeSet attributes) => x;

    private protected sealed override long Compute(long x, AttributeSet attributes) => x;
}
