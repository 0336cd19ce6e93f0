using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Adds axes of size 1.</summary>
public sealed class Unsqueeze() : ViewOperator("unsqueeze", "The same elements with more axes of size 1.")
{
    /// <summary>Where the new axes stand in the result; negative ones count from its end.</summary>
    public static AttributeDefinition<long[]> Axes { get; } = new("axes", "Where the new axes stand in the result; negative ones count from its end.", required: true) { ScalarAllowed = true };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axes];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Unsqueeze", 1, node => node.Emit("unsqueeze", AttributeSet.Empty.With(Axes, node.Integers("axes") ?? []), node.Input(0))) with { UntilVersion = 12 },
        ImportRule.Single("Unsqueeze", 13, node => node.Emit("unsqueeze", AttributeSet.Empty.With(Axes, node.ConstantIntegers(1, "the axes")!), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(3, 5)).With(Axes, [0, -1])];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Unsqueeze", [node.Inputs[0], node.Integers(node.Get(Axes)!)]);

    private protected override Shape ViewedShape(InferenceContext context, Shape shape)
    {
        var axes = context.Get(Axes)!;
        var isNew = new bool[shape.Rank + axes.Length];
        foreach (var axis in axes)
        {
            var index = context.Axis(axis, isNew.Length);
            if (isNew[index]) context.Fail("VKN2114", $"axis {axis} is named twice in [{string.Join(", ", axes)}]");
            isNew[index] = true;
        }
        var next = 0;
        return new Shape([.. isNew.Select(added => added ? 1 : shape[next++])]);
    }
}
