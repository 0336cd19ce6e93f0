using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Bounded;

/// <summary>The slices along an axis for which a condition holds. How many there are depends on data: the result has room for all.</summary>
public sealed class Compress : Operator, ILowering, IImportable
{
    /// <summary>The axis.</summary>
    public static AttributeDefinition<long?> Axis { get; } = new("axis", "The axis; when absent, the input is flattened first.");

    /// <inheritdoc/>
    public override string Name => "compress";

    /// <inheritdoc/>
    public override string Summary => "The slices along an axis for which the condition holds.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape"), new("condition", "truth values, at most one for each slice; slices without one are left out")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "count"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Compress", 9, node => node.Emit("compress", node.Has("axis") ? AttributeSet.Empty.With(Axis, node.Integer("axis", 0)) : AttributeSet.Empty, node.Input(0), node.Input(1))),
    ];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
        [new OperatorSample(Reals(3, 7, 5), Truths(7)).With(Axis, 1L), new(Integers(-9, 9, 11, 13), Truths(101)), new OperatorSample(Reals(5, 3), Truths(2)).With(Axis, -2L)];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, condition) = (context.Input(0), context.Input(1));
        if (condition.DataType != DataType.Bool || condition.Shape.Rank != 1) context.Fail("VKN2450", $"the condition is {condition}, but a list of truth values is needed");
        if (context.Get(Axis) is not { } given) return [type with { Shape = new Shape(Math.Min(condition.Shape[0], type.Shape.ElementCount)) }, Compaction.CountType];
        var axis = context.Axis(given, type.Shape.Rank);
        return [type with { Shape = type.Shape.With(axis, Math.Min(condition.Shape[0], type.Shape[axis])) }, Compaction.CountType];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) =>
        base.Extents(node) is null ? null : [new ValueExtent((int)(Resolved(node.Get(Axis), node.Inputs[0]!.Shape) ?? 0), node.Outputs[1]), null];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (condition, (_, extent, inner)) = (context.Integers(1), View(context.Get(Axis), context.ShapeOf(0)));
        var bound = Math.Min(condition.Length, extent);
        long[] taken = [.. Enumerable.Range(0, (int)bound).Where(i => condition[i] != 0)];
        var source = new long[context.Output(0).Shape.ElementCount];
        for (var i = 0L; i < source.Length; i++)
        {
            var k = i / inner % bound;
            source[i] = k < taken.Length ? (i / inner / bound * extent + taken[k]) * inner + i % inner : -1;
        }
        context.Move(0, 0, source);
        context.SetIntegers(1, [taken.Length]);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, condition, output, count) = (context.Input(0), context.Input(1), context.Output(0), context.Output(1));
        var (_, extent, inner) = View(context.Get(Axis), input.Shape);
        var bound = Math.Min(condition.Shape[0], extent);
        if (bound == 0)
        {
            context.Fill(count);
            return;
        }
        Compaction.Take(context, input, Compaction.Places(context, condition, bound, count), output, extent, inner);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.OutputGradients[0] is not { } upstream) return [null, null];
        var (builder, shape, condition) = (context.Builder, context.Input(0).Shape, context.Input(1));
        var (outer, extent, inner) = View(context.Node.Get(Axis), shape);
        var bound = Math.Min(condition.Shape[0], extent);
        if (bound == 0 || shape.ElementCount == 0)
            return [builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, shape.ToArray()).With(Layout.Fill.Type, upstream.DataType.Name())), null];
        // A slice taken is found behind as many as were taken before it.
        if (bound < condition.Shape[0]) condition = builder.Apply("slice", AttributeSet.Empty.With(Layout.Slice.Starts, [0]).With(Layout.Slice.Ends, [bound]), condition);
        var place = builder.Apply("cumsum", AttributeSet.Empty.With(Selection.Cumulative.Exclusive, true), builder.Apply("cast", AttributeSet.Empty.With(Pointwise.Cast.To, "i32"), condition));
        var found = Formula.Of(builder, builder.Apply("gather", AttributeSet.Empty.With(Selection.Gather.Axis, 1), Views.To(builder, upstream, [outer, bound, inner]), place));
        var gradient = Formula.Of(builder, Views.To(builder, condition, [1, bound, 1])).Choose(found, found.Constant(0)).Value;
        if (bound < extent) gradient = builder.Apply("pad", AttributeSet.Empty.With(Layout.Pad.Pads, [0, extent - bound]).With(Layout.Pad.Axes, [1]), gradient);
        return [Views.To(builder, gradient, shape), null];
    }

    private static long? Resolved(long? axis, Shape shape) => axis < 0 ? axis + shape.Rank : axis;

    private static (long Outer, long Extent, long Inner) View(long? axis, Shape shape) => Resolved(axis, shape) is { } a
        ? (shape.Product(0, (int)a), shape[(int)a], shape.Product((int)a + 1, shape.Rank))
        : (1, shape.ElementCount, 1);
}
