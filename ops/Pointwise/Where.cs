using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pointwise;

/// <summary>Chooses element by element: a where the condition is true, else b.</summary>
public sealed class Where() : PointwiseOperator("where", "a where the condition is true, else b.", PointwiseOpcode.Where, ElementFamilies.Any, "Where", 9,
    [new OperandDefinition("condition", "bool, any shape"), new OperandDefinition("a", "taken where true"), new OperandDefinition("b", "taken where false; of a's type")])
{
    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Truths(3, 5, 7), Reals(3, 5, 7), Reals(3, 5, 7)),
        new(Truths(5, 1), Reals(2, 1, 67), Reals(67)),
        new(Truths(3, 5, 7), Integers(-9, 9, 3, 5, 7), Integers(-9, 9, 7)),
        new(Truths(3, 5, 7), Truths(3, 5, 7), Truths(3, 5, 7)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (g, condition) = (Formula.Of(context, context.Upstream), Formula.Of(context, context.Input(0)));
        return
        [
            null,
            context.Needed[1] ? GradientShapes.ReduceTo(context.Builder, condition.Choose(g, g.Constant(0)), context.Input(1).Shape) : null,
            context.Needed[2] ? GradientShapes.ReduceTo(context.Builder, condition.Choose(g.Constant(0), g), context.Input(2).Shape) : null,
        ];
    }

    private protected override DataType CheckTypes(InferenceContext context)
    {
        RequireFamily(context, 0, ElementFamilies.Truth);
        if (context.Input(1).DataType != context.Input(2).DataType)
            context.Fail("VKN2121", $"it chooses between {context.Input(1)} and {context.Input(2)}, which must be of one type", "insert a cast");
        return context.Input(1).DataType;
    }

    private protected override DataType ResultOf(Node node) => node.Inputs[1]!.DataType;

    private protected override double Compute(ReadOnlySpan<double> x, AttributeSet attributes) => x[0] != 0 ? x[1] : x[2];

    private protected override long Compute(ReadOnlySpan<long> x, AttributeSet attributes) => x[0] != 0 ? x[1] : x[2];
}
