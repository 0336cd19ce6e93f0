using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>Puts slices into a copy of the data at tuples of indices: y[b, indices[b, t, 0], indices[b, t, 1], ..., :] = updates[b, t, :], in order.</summary>
public sealed class ScatterNd() : ScatterOperator("gather_nd"), IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "scatter_nd";

    /// <inheritdoc/>
    public override string Summary => "A copy of the input with y[indices[t, 0], indices[t, 1], ..., :] = updates[t, :], in order; indices outside their axis are limited to it.";

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [GatherNd.BatchDimensions, Reduction];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
        [ImportRule.Single("ScatterND", 11, node => node.Emit("scatter_nd", AttributeSet.Empty.With(Reduction, node.Text("reduction", "none")), node.Input(0), node.Input(1), node.Input(2)))];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 7, 5), Integers(-9, 9, 4, 2), Reals(4, 5)).With(Reduction, "add"),
        new OperatorSample(Reals(3, 7, 8), Integers(-7, 6, 3, 5, 1), Reals(3, 5, 8)).With(GatherNd.BatchDimensions, 1).With(Reduction, "mul"),
        new OperatorSample(Integers(0, 99, 4, 5), Integers(0, 3, 6, 2), Integers(0, 99, 6)).With(Reduction, "min"),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        if (node.Get(GatherNd.BatchDimensions) != 0) node.Refuse("ONNX scatters without batch axes");
        node.Result("ScatterND", node.Inputs, ("reduction", node.Get(Reduction)!));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var tuples = IndexTuples.Of(context, 0, 1, context.Get(GatherNd.BatchDimensions));
        CheckTypes(context);
        if (context.ShapeOf(2) != tuples.Result) context.Fail("VKN2266", $"the updates have shape {context.ShapeOf(2)}, but indices {context.ShapeOf(1)} into data {context.ShapeOf(0)} want {tuples.Result}", "one slice for every tuple");
        return [context.Input(0)];
    }

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        var (indices, updates) = (context.Input(1), context.Input(2));
        var target = context.UpdateInPlace(0, 0);
        if (updates.Shape.ElementCount == 0) return;
        var tuples = IndexTuples.Of(target.Shape, indices.Shape, context.Get(GatherNd.BatchDimensions));
        var places = IndexKernels.LinearIndices(context, indices, tuples.Count, tuples.Extents);
        IndexKernels.Scatter(context, places, updates, target, tuples.Rows, tuples.PerBatch, IndexKernels.Sharing.PerOuter, CombineOf(context.Get(Reduction)));
    }

    private protected override long[] UpdatePlaces(AttributeSet attributes, Shape data, Shape indices, long[] values) =>
        IndexTuples.Of(data, indices, attributes.Get(GatherNd.BatchDimensions)).Elements(values);
}
