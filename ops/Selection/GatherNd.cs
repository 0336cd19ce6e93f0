using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>
/// Takes slices at tuples of indices: y[b, t, :] = x[b, indices[b, t, 0], indices[b, t, 1], ..., :]. Indices outside their axis are limited to it,
/// see <see cref="Places"/>.
/// </summary>
public sealed class GatherNd : Operator, ILowering, IImportable, IExportable
{
    /// <summary>Leading axes that input and indices share.</summary>
    public static AttributeDefinition<long> BatchDimensions { get; } = new("batch_dims", "Leading axes that data and indices share; the tuples index the axes behind them.", 0) { Minimum = 0 };

    /// <inheritdoc/>
    public override string Name => "gather_nd";

    /// <inheritdoc/>
    public override string Summary => "Slices at tuples of indices: y[b, t, :] = x[b, indices[b, t, 0], indices[b, t, 1], ..., :]; indices outside their axis are limited to it.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape"), new("indices", "[batch axes, ..., D]: tuples of D whole numbers")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [BatchDimensions];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
        [ImportRule.Single("GatherND", 11, node => node.Emit("gather_nd", AttributeSet.Empty.With(BatchDimensions, node.Integer("batch_dims", 0)), node.Input(0), node.Input(1)))];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(3, 7, 5), Integers(-9, 9, 4, 2)), new OperatorSample(Reals(3, 7, 8), Integers(-7, 6, 3, 5, 1)).With(BatchDimensions, 1), new(Integers(0, 99, 4, 5), Integers(0, 3, 6, 2)),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("GatherND", node.Inputs, ("batch_dims", node.Get(BatchDimensions)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var tuples = IndexTuples.Of(context, 0, 1, context.Get(BatchDimensions));
        return [context.Input(0) with { Shape = tuples.Result }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) =>
        context.Move(0, 0, IndexTuples.Of(context.ShapeOf(0), context.ShapeOf(1), context.Get(BatchDimensions)).Elements(context.Integers(1)));

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (source, indices, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var tuples = IndexTuples.Of(source.Shape, indices.Shape, context.Get(BatchDimensions));
        var places = IndexKernels.LinearIndices(context, indices, tuples.Count, tuples.Extents);
        IndexKernels.Gather(context, source, places, output, tuples.Rows, tuples.PerBatch, IndexKernels.Sharing.PerOuter);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) =>
        node.Inputs[0]!.Extent is not null || node.Inputs[1]!.Extent?.Axis == node.Inputs[1]!.Shape.Rank - 1 ? null : node.Inputs[1]!.Extent is { } extent ? [extent] : [];

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var zeros = context.Builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, context.Input(0).Shape.ToArray()).With(Layout.Fill.Type, context.Input(0).DataType.Name()));
        return [context.Builder.Apply("scatter_nd", context.Node.Attributes.With(ScatterOperator.Reduction, "add"), zeros, context.Input(1), context.Upstream), null];
    }
}
