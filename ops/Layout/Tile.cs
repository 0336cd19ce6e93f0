using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Repeats a tensor as a whole along its axes.</summary>
public sealed class Tile() : MovementOperator("tile", "The tensor repeated as a whole along its axes.")
{
    /// <summary>Number of repetitions along each axis.</summary>
    public static AttributeDefinition<long[]> Repeats { get; } = new("repeats", "Number of repetitions along each axis.", required: true) { Minimum = 0 };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Repeats];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Tile", 6, node => node.Emit("tile", AttributeSet.Empty.With(Repeats, node.ConstantIntegers(1, "the repeats")!), node.Input(0))),
        ImportRule.Single("Tile", 1, ImportAlongOneAxis) with { UntilVersion = 5 },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(2, 3, 5)).With(Repeats, [2, 1, 3])];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Tile", [node.Inputs[0], node.Integers(node.Get(Repeats)!)]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, repeats) = (context.Input(0), context.Get(Repeats)!);
        if (repeats.Length != type.Shape.Rank || repeats.Any(r => r < 0)) context.Fail("VKN2125", $"the repeats [{string.Join(", ", repeats)}] do not fit {type}", "one number, not negative, for each axis");
        return [type with { Shape = new Shape([.. type.Shape.Select((size, axis) => checked(size * repeats[axis]))]) }];
    }

    /// <inheritdoc/>
    public override int? PassesThrough(Node node) => node.Inputs[0]!.Shape == node.Outputs[0].Shape ? 0 : null;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (shape, repeats) = (context.Input(0).Shape, context.Node.Get(Repeats)!);
        var split = context.Builder.Apply("reshape", AttributeSet.Empty.With(Reshape.Shape, [.. repeats.SelectMany((r, axis) => new[] { r, shape[axis] })]).With(Reshape.AllowZero, true), context.Upstream);
        var axes = Enumerable.Range(0, shape.Rank).Select(axis => 2L * axis).ToArray();
        return [shape.Rank == 0 ? context.Upstream : context.Builder.Apply("reduce_sum", AttributeSet.Empty.With(Reduction.ReductionOperator.Axes, axes), split)];
    }

    private protected override StridedRegion Region(Shape input, AttributeSet attributes)
    {
        var (repeats, strides) = (attributes.Get(Repeats)!, input.Strides());
        return StridedRegion.FillingTarget([.. repeats.SelectMany((r, axis) => new[] { r, input[axis] })], 0, [.. strides.SelectMany(s => new[] { 0, s })]);
    }

    private static Value ImportAlongOneAxis(ImportNode node)
    {
        var repeats = Enumerable.Repeat(1L, node.Input(0).Shape.Rank).ToArray();
        repeats[node.ConstantIntegers(2, "the axis")![0]] = node.ConstantIntegers(1, "the tiles")![0];
        return node.Emit("tile", AttributeSet.Empty.With(Repeats, repeats), node.Input(0));
    }
}
