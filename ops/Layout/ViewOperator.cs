using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Operators.Layout;

/// <summary>Base of the operators that give the same elements, in row-major order, another shape. No element moves.</summary>
public abstract class ViewOperator : Operator, ILowering, IImportable, IExportable
{
    private protected ViewOperator(string name, string summary)
    {
        Name = name;
        Summary = summary;
    }

    /// <inheritdoc/>
    public sealed override string Name { get; }

    /// <inheritdoc/>
    public sealed override string Summary { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape")];

    /// <inheritdoc/>
    public sealed override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public abstract IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public abstract void Export(ExportNode node);

    /// <inheritdoc/>
    public sealed override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(0) with { Shape = ViewedShape(context, context.ShapeOf(0)) }];

    /// <inheritdoc/>
    public sealed override void Evaluate(HostContext context) => context.Set(0, context.Input(0).Reshape(context.Output(0).Shape));

    /// <inheritdoc/>
    public sealed override IReadOnlyList<ValueExtent?>? Extents(Node node) => ExtentRules.View(node);

    /// <inheritdoc/>
    public sealed override int? PassesThrough(Node node) => node.Inputs[0]!.Shape == node.Outputs[0].Shape ? 0 : null;

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => context.Alias(0, context.Input(0));

    /// <inheritdoc/>
    public bool IsView(Node node) => true;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("reshape", AttributeSet.Empty.With(Reshape.Shape, context.Input(0).Shape.ToArray()).With(Reshape.AllowZero, true), context.Upstream)];

    /// <summary>The shape rule.</summary>
    private protected abstract Shape ViewedShape(InferenceContext context, Shape shape);
}
