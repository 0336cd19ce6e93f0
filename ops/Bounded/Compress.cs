using VkNet.Compilation;
using VkNet.Graphs;
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

    private static long? Resolved(long? axis, Shape shape) => axis < 0 ? axis + shape.Rank : axis;

    private static (long Outer, long Extent, long Inner) View(long? axis, Shape shape) => Resolved(axis, shape) is { } a
        ? (shape.Product(0, (int)a), shape[(int)a], shape.Product((int)a + 1, shape.Rank))
        : (1, shape.ElementCount, 1);
}
