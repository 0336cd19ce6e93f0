using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Puts the axes in another order.</summary>
public sealed class Transpose() : MovementOperator("transpose", "The same tensor with its axes in another order.")
{
    /// <summary>For each axis of the result, the axis of the input; all reversed when absent.</summary>
    public static AttributeDefinition<long[]?> Permutation { get; } = new("permutation", "For each axis of the result, the axis of the input; all reversed when absent.");

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Permutation];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Transpose", 1, node => node.Emit("transpose", AttributeSet.Empty.With(Permutation, node.Integers("perm")), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(3, 5, 67)),
        new OperatorSample(Reals(2, 37, 65)).With(Permutation, [0, 2, 1]),
        new OperatorSample(Integers(-9, 9, 3, 5, 7, 2)).With(Permutation, [2, 0, 3, 1]),
    ];

    /// <inheritdoc/>
    public override void Export(ExportNode node) =>
        node.Result("Transpose", node.Inputs, node.Get(Permutation) is { } permutation ? [("perm", permutation)] : []);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        if (context.Get(Permutation) is { } order && (order.Length != type.Shape.Rank || order.Select(a => context.Axis(a, type.Shape.Rank)).Distinct().Count() != order.Length))
            context.Fail("VKN2115", $"the permutation [{string.Join(", ", order)}] does not fit {type}", $"it names each of the axes 0 to {type.Shape.Rank - 1} once");
        return [type with { Shape = new Shape([.. Order(type.Shape.Rank, context.Attributes).Select(axis => type.Shape[axis])]) }];
    }

    /// <inheritdoc/>
    public override bool CommutesWithPointwise => true;

    /// <inheritdoc/>
    public override int? PassesThrough(Node node)
    {
        var order = Order(node.Inputs[0]!.Shape.Rank, node.Attributes);
        return order.Select((axis, i) => axis == i).All(same => same) ? 0 : null;
    }

    /// <inheritdoc/>
    public override AttributeSet? MergeWith(Node node, Node producer)
    {
        if (producer.Operator is not Transpose) return null;
        var rank = node.Inputs[0]!.Shape.Rank;
        var first = Order(rank, producer.Attributes);
        return AttributeSet.Empty.With(Permutation, [.. Order(rank, node.Attributes).Select(axis => (long)first[axis])]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) =>
        ExtentRules.Along(node, axis => Array.IndexOf(Order(node.Inputs[0]!.Shape.Rank, node.Attributes), axis));

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var order = Order(context.Input(0).Shape.Rank, context.Node.Attributes);
        var back = new long[order.Length];
        for (var i = 0; i < order.Length; i++) back[order[i]] = i;
        return [context.Builder.Apply("transpose", AttributeSet.Empty.With(Permutation, back), context.Upstream)];
    }

    private protected override StridedRegion Region(Shape input, AttributeSet attributes)
    {
        var (order, strides) = (Order(input.Rank, attributes), input.Strides());
        return StridedRegion.FillingTarget([.. order.Select(axis => input[axis])], 0, [.. order.Select(axis => strides[axis])]);
    }

    private static int[] Order(int rank, AttributeSet attributes) =>
        attributes.Get(Permutation) is { } order ? [.. order.Select(axis => (int)(axis < 0 ? axis + rank : axis))] : [.. Enumerable.Range(0, rank).Reverse()];
}
