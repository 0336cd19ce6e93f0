using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Makes two axes of all: those before <c>axis</c> and those from it on.</summary>
public sealed class Flatten() : ViewOperator("flatten", "The same elements as a matrix: axes before axis become rows, the others columns.")
{
    /// <summary>First axis of the columns; may be the rank.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "First axis of the columns; may be the rank.", 1);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Flatten", 1, node => node.Emit("flatten", AttributeSet.Empty.With(Axis, node.Integer("axis", 1)), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(3, 5, 7)), new OperatorSample(Reals(3, 5, 7)).With(Axis, 2)];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Flatten", node.Inputs, ("axis", node.Get(Axis)));

    private protected override Shape ViewedShape(InferenceContext context, Shape shape)
    {
        var axis = context.Get(Axis);
        if (axis < -shape.Rank || axis > shape.Rank) context.Fail("VKN2103", $"axis {axis} is outside a tensor of rank {shape.Rank}", $"valid axes are {-shape.Rank} to {shape.Rank}");
        var split = (int)(axis < 0 ? axis + shape.Rank : axis);
        return [shape.Product(0, split), shape.Product(split, shape.Rank)];
    }
}
