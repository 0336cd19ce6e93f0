using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>Cross-entropy of a softmax with whole distributions as targets: -(sum over j of t[j] log softmax(x)[j]), stably in one kernel.</summary>
public sealed class SoftCrossEntropy : Operator, ILowering
{
    /// <inheritdoc/>
    public override string Name => "soft_cross_entropy";

    /// <inheritdoc/>
    public override string Summary => "Cross-entropy of a softmax with distributions as targets: -(sum over j of t[j] log softmax(x)[j]).";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("logits", "[N, C, ...]: a score for every class"), new("targets", "of the same shape: a share for every class")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["loss"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [ClassLabels.Axis, ClassLabels.Reduction];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(7, 10), RealsWithin(0, 0.2, 7, 10)), new OperatorSample(Reals(3, 5, 7), RealsWithin(0, 0.4, 3, 5, 7)).With(ClassLabels.Reduction, "none"), new OperatorSample(Reals(3, 5, 8), RealsWithin(0, 0.4, 3, 5, 8)).With(ClassLabels.Reduction, "sum"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = Check(context, 0);
        return [type with { Shape = context.Get(ClassLabels.Reduction) == "none" ? AxisRows.WithoutAxis(type.Shape, context.Get(ClassLabels.Axis)) : Shape.Scalar }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(0), context.Get(ClassLabels.Axis));
        var (x, t, losses) = (context.Reals(0), context.Reals(1), new double[rows.Count]);
        for (var row = 0L; row < rows.Count; row++)
        {
            var (largest, total) = HostClasses.LogSum(x, rows, row);
            for (var i = 0L; i < rows.Extent; i++)
            {
                var place = rows.Place(row, i);
                if (t[place] != 0) losses[row] += t[place] * (Math.Log(total) + (largest - x[place]));
            }
        }
        switch (context.Get(ClassLabels.Reduction))
        {
            case "none": context.SetReals(0, losses); break;
            case "sum": context.SetReals(0, [losses.Sum()]); break;
            default: context.SetReals(0, [losses.Sum() / rows.Count]); break;
        }
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(8.0 * node.Inputs[0]!.Shape.ElementCount, 8.0 * node.Inputs[0]!.Shape.ElementCount);

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        ClassKernels.Measure(context, ClassMeasure.Soft, context.Input(0), context.Input(0), context.Input(1), context.Output(0), ClassLabels.ReductionOf(context.Get(ClassLabels.Reduction)));

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (builder, node, logits, targets) = (context.Builder, context.Node, context.Input(0), context.Input(1));
        var gradient = context.Needed[0] ? builder.Apply("soft_cross_entropy_gradient", node.Attributes, context.Upstream, logits, targets) : null;
        if (!context.Needed[1]) return [gradient, null];
        var axis = node.Get(ClassLabels.Axis);
        var rows = AxisRows.Of(logits.Shape, axis);
        var reduction = node.Get(ClassLabels.Reduction);
        var upstream = Formula.Of(context, reduction != "none" ? context.Upstream
            : builder.Apply("reshape", AttributeSet.Empty.With(Layout.Reshape.Shape, logits.Shape.With(AxisRows.Index(logits.Shape, axis), 1).ToArray()).With(Layout.Reshape.AllowZero, true), context.Upstream));
        var logarithm = Formula.Of(context, logits).Apply("log_softmax", AttributeSet.Empty.With(SoftmaxAxis.Axis, axis));
        return [gradient, logarithm * upstream * (reduction == "mean" ? -1.0 / rows.Count : -1)];
    }

    /// <summary>Checks logits and, behind them, targets; returns the logits' type.</summary>
    internal static TensorType Check(InferenceContext context, int logits)
    {
        var (type, targets) = (context.RequireFloat(logits), context.Input(logits + 1));
        if (type.Shape.Rank == 0) context.Fail("VKN2250", "a scalar has no axis of classes");
        var axis = context.Axis(context.Get(ClassLabels.Axis), type.Shape.Rank);
        if (targets != type) context.Fail("VKN2255", $"the targets are {targets}, but the logits are {type}", "both must be of one type");
        if (type.Shape[axis] == 0 && AxisRows.Of(type.Shape, axis).Count > 0) context.Fail("VKN2252", $"{type} has no classes along axis {axis}");
        return type;
    }
}
