using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Repeats a tensor along its axes of size 1 (and new leading axes) under NumPy's broadcasting rule.</summary>
public sealed class Expand() : PointwiseOperator("expand", "Repeats a tensor along its axes of size 1, and new leading axes, to a shape it broadcasts with.", PointwiseOpcode.Copy, ElementFamilies.Any, null, 1, [new OperandDefinition("input", "any shape")])
{
    /// <summary>The shape to broadcast with; sizes 1 keep the input's.</summary>
    public static AttributeDefinition<long[]> Shape { get; } = new("shape", "The shape to broadcast with; sizes 1 keep the input's.", required: true) { Minimum = 0 };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Shape];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Expand", 8, node => node.Emit("expand", AttributeSet.Empty.With(Shape, node.ConstantIntegers(1, "the shape")!), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(3, 1, 5)).With(Shape, [2, 3, 7, 1]), new OperatorSample(Integers(-9, 9, 5, 1)).With(Shape, [5, 67])];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Expand", [node.Inputs[0], node.Integers(node.Get(Shape)!)]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var input = context.Input(0);
        var shape = new Shape(context.Get(Shape)!);
        var result = VkNet.Tensors.Shape.Broadcast(input.Shape, shape);
        if (result is null) context.Fail("VKN2120", $"{input} does not broadcast to {shape}", "counted from the last axis, sizes must be equal or 1");
        return [input with { Shape = result! }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var output = context.Output(0).Shape;
        if (Broadcasting.Map(context.ShapeOf(0), output) is { } map) context.Move(0, 0, Array.ConvertAll(map, i => (long)i));
        else context.Set(0, context.Input(0));
    }

    /// <inheritdoc/>
    public override PointwiseStep? ToStep(Node node) => new((int)PointwiseOpcode.Copy, 0);

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        if (context.Epilogue is null && context.Input(0).Shape.ElementCount == context.Output(0).Shape.ElementCount && context.Input(0).Layout == context.Output(0).Layout)
            context.Alias(0, context.Input(0));
        else base.Lower(context);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [GradientShapes.ReduceTo(context.Builder, context.Upstream, context.Input(0).Shape)];

    private protected override PointwiseStep? OwnStep(Node node) => null;

    private protected override int WrapOf(Node node) => 0;

    private protected override double Compute(ReadOnlySpan<double> x, AttributeSet attributes) => x[0];
}
