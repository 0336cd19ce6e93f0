using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Gives the same elements, in row-major order, another shape. A view: no element moves.</summary>
public sealed class Reshape : Operator, ILowering, IImportable, IExportable
{
    /// <summary>The new sizes: 0 keeps the input's size at that axis, one -1 takes what is left.</summary>
    public static AttributeDefinition<long[]> Shape { get; } = new("shape", "The new sizes: 0 keeps the input's size at that axis, one -1 takes what is left.", required: true) { Minimum = -1 };

    /// <summary>Whether 0 means the size zero.</summary>
    public static AttributeDefinition<bool> AllowZero { get; } = new("allow_zero", "Whether 0 means the size zero instead of keeping the input's.", false);

    /// <inheritdoc/>
    public override string Name => "reshape";

    /// <inheritdoc/>
    public override string Summary => "The same elements in row-major order under another shape.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Shape, AllowZero];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Reshape", 5, node => node.Emit("reshape",
            AttributeSet.Empty.With(Shape, node.ConstantIntegers(1, "the shape")!).With(AllowZero, node.Integer("allowzero", 0) != 0), node.Input(0))),
        ImportRule.Single("Reshape", 1, node => node.Emit("reshape", AttributeSet.Empty.With(Shape, node.Integers("shape") ?? []), node.Input(0))) with { UntilVersion = 4 },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(2, 3, 5)).With(Shape, [5, -1])];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Reshape", [node.Inputs[0], node.Integers(node.Get(Shape)!)], ("allowzero", node.Get(AllowZero)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (input, sizes) = (context.Input(0), (long[])context.Get(Shape).Clone());
        var open = -1;
        long known = 1;
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] == 0 && !context.Get(AllowZero))
            {
                if (i >= input.Shape.Rank) context.Fail("VKN2110", $"shape [{string.Join(", ", sizes)}] keeps axis {i}, which the input {input} does not have");
                sizes[i] = input.Shape[i];
            }
            if (sizes[i] == -1)
            {
                if (open >= 0) context.Fail("VKN2111", $"shape [{string.Join(", ", sizes)}] leaves two sizes open", "at most one -1 is allowed");
                open = i;
            }
            else known = checked(known * sizes[i]);
        }
        if (open >= 0)
        {
            if (known == 0 || input.Shape.ElementCount % known != 0)
                context.Fail("VKN2112", $"the {input.Shape.ElementCount} elements of {input} do not divide into [{string.Join(", ", sizes)}]");
            sizes[open] = input.Shape.ElementCount / known;
        }
        else if (known != input.Shape.ElementCount)
            context.Fail("VKN2112", $"{input} has {input.Shape.ElementCount} elements, but shape [{string.Join(", ", sizes)}] has {known}");
        return [new TensorType(input.DataType, new Shape(sizes))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) => context.Set(0, context.Input(0).Reshape(context.Output(0).Shape));

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) => ExtentRules.View(node);

    /// <inheritdoc/>
    public override int? PassesThrough(Node node) => node.Inputs[0]!.Shape == node.Outputs[0].Shape ? 0 : null;

    /// <inheritdoc/>
    public override AttributeSet? MergeWith(Node node, Node producer) => producer.Operator is not Reshape ? null : AttributeSet.Empty.With(Shape, node.Outputs[0].Shape.ToArray()).With(AllowZero, true);

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => context.Alias(0, context.Input(0));

    /// <inheritdoc/>
    public bool IsView(Node node) => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("reshape", AttributeSet.Empty.With(Shape, context.Input(0).Shape.ToArray()).With(AllowZero, true), context.Upstream)];
}
