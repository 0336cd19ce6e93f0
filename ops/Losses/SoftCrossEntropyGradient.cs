using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>The gradient of <see cref="SoftCrossEntropy"/> in its logits: f (softmax(x) (sum of t) - t), in one kernel. Gradient rules emit it.</summary>
public sealed class SoftCrossEntropyGradient : Operator, ILowering
{
    /// <inheritdoc/>
    public override string Name => "soft_cross_entropy_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of soft_cross_entropy in its logits.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("upstream", "the gradient of the loss"), new("logits", "[N, C, ...]"), new("targets", "[N, C, ...]")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [ClassLabels.Axis, ClassLabels.Reduction];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(), Reals(7, 10), RealsWithin(0, 0.2, 7, 10)), new OperatorSample(Reals(3, 7), Reals(3, 5, 7), RealsWithin(0, 0.4, 3, 5, 7)).With(ClassLabels.Reduction, "none"), new OperatorSample(Reals(), Reals(3, 5, 8), RealsWithin(0, 0.4, 3, 5, 8)).With(ClassLabels.Reduction, "sum"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = SoftCrossEntropy.Check(context, 1);
        var wanted = context.Get(ClassLabels.Reduction) == "none" ? AxisRows.WithoutAxis(type.Shape, context.Get(ClassLabels.Axis)) : Shape.Scalar;
        if (context.ShapeOf(0) != wanted) context.Fail("VKN2251", $"the gradient has shape {context.ShapeOf(0)}, but the loss has {wanted}");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(1), context.Get(ClassLabels.Axis));
        var (upstream, x, t, result, reduction) = (context.Reals(0), context.Reals(1), context.Reals(2), new double[rows.Count * rows.Extent], context.Get(ClassLabels.Reduction));
        for (var row = 0L; row < rows.Count; row++)
        {
            var (largest, total) = HostClasses.LogSum(x, rows, row);
            var factor = reduction == "none" ? upstream[row] : upstream[0] / (reduction == "mean" ? rows.Count : 1);
            var shares = 0.0;
            for (var i = 0L; i < rows.Extent; i++) shares += t[rows.Place(row, i)];
            for (var i = 0L; i < rows.Extent; i++)
            {
                var place = rows.Place(row, i);
                result[place] = factor * (Math.Exp(x[place] - largest) / total * shares - t[place]);
            }
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(8.0 * node.Outputs[0].Shape.ElementCount, 12.0 * node.Outputs[0].Shape.ElementCount);

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        ClassKernels.Gradient(context, ClassMeasure.Soft, context.Input(0), context.Input(1), context.Input(1), context.Input(2), ClassLabels.ReductionOf(context.Get(ClassLabels.Reduction)), 0);
}
