using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>
/// Takes one element for every index: y[.., i, ..] = x[.., indices[.., i, ..], ..] along an axis. Indices outside the axis are limited to it, see
/// <see cref="Places"/>.
/// </summary>
public sealed class GatherElements : Operator, ILowering, IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "gather_elements";

    /// <inheritdoc/>
    public override string Summary => "One element for every index: y[.., i, ..] = x[.., indices[.., i, ..], ..]; indices outside the axis are limited to it.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape with an axis"), new("indices", "whole numbers, of the input's rank; off the axis no size larger than the input's")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Gather.Axis];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
        [ImportRule.Single("GatherElements", 11, node => node.Emit("gather_elements", AttributeSet.Empty.With(Gather.Axis, node.Integer("axis", 0)), node.Input(0), node.Input(1)))];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 7, 5), Integers(-9, 9, 3, 13, 5)).With(Gather.Axis, 1), new OperatorSample(Reals(6, 7), Integers(0, 6, 4, 3)).With(Gather.Axis, 1),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("GatherElements", node.Inputs, ("axis", node.Get(Gather.Axis)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var axis = IndexRules.Axis(context, type.Shape, context.Get(Gather.Axis));
        var indices = IndexRules.WholeNumbers(context, 1);
        IndexRules.RequireWithin(context, type.Shape, indices.Shape, axis);
        IndexRules.RequireElements(context, type, type.Shape[axis], indices.Shape.ElementCount);
        return [type with { Shape = indices.Shape }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) =>
        context.Move(0, 0, IndexRules.ElementPlaces(context.ShapeOf(0), context.ShapeOf(1), AxisRows.Index(context.ShapeOf(0), context.Get(Gather.Axis)), context.Integers(1)));

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (source, indices, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var axis = AxisRows.Index(source.Shape, context.Get(Gather.Axis));
        var reached = IndexRules.Reached(source.Shape, indices.Shape, axis);
        if (reached != source.Shape)
        {
            var part = context.Workspace("part", source.Type with { Shape = reached });
            StridedCopy.Run(context, source, part, StridedRegion.FillingTarget(reached.ToArray(), 0, source.Shape.Strides()));
            source = part;
        }
        IndexKernels.Gather(context, source, indices, output, AxisRows.Of(reached, axis), indices.Shape[axis], IndexKernels.Sharing.PerElement);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var zeros = context.Builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, context.Input(0).Shape.ToArray()).With(Layout.Fill.Type, context.Input(0).DataType.Name()));
        return [context.Builder.Apply("scatter_elements", context.Node.Attributes.With(ScatterOperator.Reduction, "add"), zeros, context.Input(1), context.Upstream), null];
    }
}
