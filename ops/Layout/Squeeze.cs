using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Leaves out axes of size 1.</summary>
public sealed class Squeeze() : ViewOperator("squeeze", "The same elements without some axes of size 1.")
{
    /// <summary>The axes left out; all of size 1 when absent.</summary>
    public static AttributeDefinition<long[]?> Axes { get; } = new("axes", "The axes left out; all of size 1 when absent.") { ScalarAllowed = true };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axes];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Squeeze", 1, node => Import(node, node.Integers("axes"))) with { UntilVersion = 12 },
        ImportRule.Single("Squeeze", 13, node => Import(node, node.ConstantIntegers(1, "the axes"))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(3, 1, 5, 1)), new OperatorSample(Reals(3, 1, 5, 1)).With(Axes, [-1])];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Squeeze", [node.Inputs[0], node.Get(Axes) is { } axes ? node.Integers(axes) : ""]);

    private protected override Shape ViewedShape(InferenceContext context, Shape shape)
    {
        if (context.Get(Axes) is not { } axes) return new Shape([.. shape.Where(size => size != 1)]);
        var dropped = new HashSet<int>();
        foreach (var axis in axes)
        {
            var index = context.Axis(axis, shape.Rank);
            if (shape[index] != 1) context.Fail("VKN2113", $"axis {axis} of {shape} has size {shape[index]}, so it cannot be left out", "only axes of size 1 can");
            dropped.Add(index);
        }
        return new Shape([.. shape.Where((_, axis) => !dropped.Contains(axis))]);
    }

    private static Value Import(ImportNode node, long[]? axes) =>
        node.Emit("squeeze", AttributeSet.Empty.With(Axes, axes is { Length: > 0 } ? axes : null), node.Input(0));
}
