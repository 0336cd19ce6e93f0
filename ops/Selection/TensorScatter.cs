using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>
/// Writes a stretch into a cache, for every batch entry from a place of its own on; as the next value of a carried cache it is written in
/// place. A place from which the stretch would not fit is limited to the last from which it does, or goes round the axis in circular mode.
/// </summary>
public sealed class TensorScatter : Operator, ILowering, IImportable
{
    private const int GroupSize = 64;

    /// <summary>The axis of time.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis written along, a negative one counted from the end; not the first.", -2);

    /// <summary>Whether places go round.</summary>
    public static AttributeDefinition<bool> Circular { get; } = new("circular", "Whether the axis is a ring.", false);

    /// <inheritdoc/>
    public override string Name => "tensor_scatter";

    /// <inheritdoc/>
    public override string Summary => "A cache with a stretch of every batch entry b written along an axis, from place starts[b] on.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("cache", "[batch, ...]"), new("update", "[batch, ...], shorter along the axis"), new("starts", "[batch], whole numbers; zeros when absent") { Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis, Circular];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("TensorScatter", 24, Import)];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(2, 3, 7, 5), Reals(2, 3, 4, 5), Integers(-3, 9, 2)), new OperatorSample(Reals(2, 7, 8), Reals(2, 4, 8), Integers(-30, 30, 2)).With(Circular, true), new(Reals(2, 7, 5), Reals(2, 2, 5)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (cache, update) = (context.Input(0), context.Input(1));
        var axis = IndexRules.Axis(context, cache.Shape, context.Get(Axis));
        if (axis == 0) context.Fail("VKN2269", "axis 0 is the batch", "name another axis to write along");
        if (update.DataType != cache.DataType || update.Shape.Rank != cache.Shape.Rank || update.Shape.With(axis, cache.Shape[axis]) != cache.Shape || update.Shape[axis] > cache.Shape[axis])
            context.Fail("VKN2269", $"an update {update} does not fit a cache {cache} along axis {axis}", "off the axis all sizes are equal, and along it the update is not longer");
        if (context.Has(2) && IndexRules.WholeNumbers(context, 2).Shape != new Shape(cache.Shape[0])) context.Fail("VKN2269", $"the starts have shape {context.ShapeOf(2)}, but there are {cache.Shape[0]} batch entries");
        return [cache];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (shape, update) = (context.ShapeOf(0), context.ShapeOf(1));
        var starts = context.Has(2) ? context.Integers(2) : new long[shape[0]];
        var rows = AxisRows.Of(shape, context.Get(Axis));
        var steps = update[AxisRows.Index(shape, context.Get(Axis))];
        var perBatch = shape[0] == 0 ? 1 : rows.Outer / shape[0];
        var result = context.Input(0).Clone();
        var size = result.DataType.HostSize();
        Span<byte> from = context.Input(1).Bytes(), to = result.Bytes();
        for (var outer = 0L; outer < rows.Outer; outer++)
        {
            var start = starts[outer / perBatch];
            for (var step = 0L; step < steps; step++)
            {
                var place = context.Get(Circular) ? ((start + step) % rows.Extent + rows.Extent) % rows.Extent : Math.Clamp(start, 0, rows.Extent - steps) + step;
                var length = (int)rows.Inner * size;
                from.Slice((int)((outer * steps + step) * rows.Inner) * size, length).CopyTo(to.Slice((int)((outer * rows.Extent + place) * rows.Inner) * size, length));
            }
        }
        context.Set(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var update = context.Input(1);
        var target = context.UpdateInPlace(0, 0);
        if (update.Shape.ElementCount == 0) return;
        var rows = AxisRows.Of(target.Shape, context.Get(Axis));
        var width = rows.Inner % 4 == 0 ? 4 : 1;
        var items = update.Shape.ElementCount / width;
        var hasStarts = context.Has(2);
        context.Dispatch(context.Choose(IndexingPutAt.Family.Variants, update))
            .Parameters(checked(new IndexingPutAt.Parameters
            {
                Count = (int)items, Middle = (int)(rows.Outer / target.Shape[0]), Steps = (int)update.Shape[AxisRows.Index(target.Shape, context.Get(Axis))], Extent = (int)rows.Extent, Inner = (int)(rows.Inner / width),
            }))
            .Constant(IndexingPutAt.Constants.Vectors, width == 4 ? 1 : 0)
            .Constant(IndexingPutAt.Constants.Circular, context.Get(Circular) ? 1 : 0)
            .Constant(IndexingPutAt.Constants.Starts, hasStarts ? 1 : 0)
            .Bind(IndexingPutAt.Bindings.Update, update)
            .Bind(IndexingPutAt.Bindings.Starts, hasStarts ? context.Input(2) : update)
            .Bind(IndexingPutAt.Bindings.Target, target)
            .Cost(0, 2.0 * update.Bytes)
            .RunLinear(items, GroupSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (builder, node, upstream, update) = (context.Builder, context.Node, context.Upstream, context.Input(1));
        var starts = node.OperatorInputCount > 2 ? node.Inputs[2] : null;
        Value? ofCache = null, ofUpdate = null;
        // What was written over reaches nothing.
        if (context.Needed[0])
            ofCache = builder.Apply("tensor_scatter", node.Attributes, upstream, builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, update.Shape.ToArray()).With(Layout.Fill.Type, update.DataType.Name())), starts);
        if (context.Needed[1]) ofUpdate = Written(builder, node, upstream, update.Shape, starts);
        return node.OperatorInputCount > 2 ? [ofCache, ofUpdate, null] : [ofCache, ofUpdate];
    }

    // The stretches where they were written.
    private static Value Written(GraphBuilder builder, Node node, Value cache, Shape update, Value? starts)
    {
        var axis = AxisRows.Index(update, node.Get(Axis));
        var (steps, extent) = (update[axis], cache.Shape[axis]);
        if (update.ElementCount == 0) return builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, update.ToArray()).With(Layout.Fill.Type, cache.DataType.Name()));
        var range = builder.Apply("range", AttributeSet.Empty.With(Layout.NumberRange.Limit, (double)steps).With(Layout.NumberRange.Type, starts?.DataType.Name() ?? "i32"));
        long[] alongAxis = [.. Enumerable.Repeat(1L, axis), steps, .. Enumerable.Repeat(1L, update.Rank - axis - 1)];
        var places = Formula.Of(builder, Views.To(builder, range, new Shape(alongAxis)));
        if (starts is not null)
        {
            long[] perEntry = [update[0], .. Enumerable.Repeat(1L, update.Rank - 1)];
            var first = Formula.Of(builder, Views.To(builder, starts, new Shape(perEntry)));
            places = node.Get(Circular) ? (first + places).Apply("mod", first.Constant(extent)) : first.Apply("max", first.Constant(0)).Apply("min", first.Constant(extent - steps)) + places;
        }
        return builder.Apply("gather_elements", AttributeSet.Empty.With(Gather.Axis, axis), cache, builder.Apply("expand", AttributeSet.Empty.With(Layout.Expand.Shape, update.ToArray()), places));
    }

    private static Value Import(ImportNode node) => node.Emit("tensor_scatter",
        AttributeSet.Empty.With(Axis, node.Integer("axis", -2)).With(Circular, node.Text("mode", "linear") == "circular"), node.Input(0), node.Input(1), node.HasInput(2) ? node.Input(2) : null);
}
