using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>Puts one element for every index into a copy of the data: y[.., indices[.., i, ..], ..] = updates[.., i, ..] along an axis, in order.</summary>
public sealed class ScatterElements() : ScatterOperator("gather_elements"), IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "scatter_elements";

    /// <inheritdoc/>
    public override string Summary => "A copy of the input with y[.., indices[.., i, ..], ..] = updates[.., i, ..], in order; indices outside the axis are limited to it.";

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Gather.Axis, Reduction];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        // Deprecated since opset 11 in favour of ScatterElements, of which it is the first form.
        ImportRule.Single("Scatter", 9, Import),
        ImportRule.Single("ScatterElements", 11, Import),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 7, 5), Integers(-9, 9, 3, 13, 5), Reals(3, 13, 5)).With(Gather.Axis, 1).With(Reduction, "add"),
        new OperatorSample(Reals(6, 7), Integers(0, 6, 4, 3), Reals(4, 3)).With(Gather.Axis, 1).With(Reduction, "max"),
        new(Integers(0, 9, 257), Integers(0, 256, 67), Integers(0, 9, 67)),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("ScatterElements", node.Inputs, ("axis", node.Get(Gather.Axis)), ("reduction", node.Get(Reduction)!));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var axis = IndexRules.Axis(context, type.Shape, context.Get(Gather.Axis));
        var indices = IndexRules.WholeNumbers(context, 1);
        IndexRules.RequireWithin(context, type.Shape, indices.Shape, axis);
        IndexRules.RequireElements(context, type, type.Shape[axis], indices.Shape.ElementCount);
        CheckTypes(context);
        if (context.ShapeOf(2) != indices.Shape) context.Fail("VKN2266", $"the updates have shape {context.ShapeOf(2)}, but the indices have {indices.Shape}", "one update for every index");
        return [type];
    }

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        var (indices, updates, combine) = (context.Input(1), context.Input(2), CombineOf(context.Get(Reduction)));
        var target = context.UpdateInPlace(0, 0);
        if (indices.Shape.ElementCount == 0) return;
        var axis = AxisRows.Index(target.Shape, context.Get(Gather.Axis));
        var reached = IndexRules.Reached(target.Shape, indices.Shape, axis);
        if (reached == target.Shape)
        {
            IndexKernels.Scatter(context, indices, updates, target, AxisRows.Of(reached, axis), indices.Shape[axis], IndexKernels.Sharing.PerElement, combine);
            return;
        }
        // Indices that leave the ends of other axes out: what they reach is worked on apart.
        var part = context.Workspace("part", target.Type with { Shape = reached });
        var region = StridedRegion.FillingTarget(reached.ToArray(), 0, target.Shape.Strides());
        StridedCopy.Run(context, context.Input(0), part, region);
        IndexKernels.Scatter(context, indices, updates, part, AxisRows.Of(reached, axis), indices.Shape[axis], IndexKernels.Sharing.PerElement, combine);
        StridedCopy.Run(context, part, target, new StridedRegion(region.Sizes, region.TargetOffset, region.TargetStrides, region.SourceOffset, region.SourceStrides));
    }

    private protected override long[] UpdatePlaces(AttributeSet attributes, Shape data, Shape indices, long[] values) =>
        IndexRules.ElementPlaces(data, indices, AxisRows.Index(data, attributes.Get(Gather.Axis)), values);

    private static Value Import(ImportNode node) => node.Emit("scatter_elements",
        AttributeSet.Empty.With(Gather.Axis, node.Integer("axis", 0)).With(Reduction, node.Text("reduction", "none")), node.Input(0), node.Input(1), node.Input(2));
}
