using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// The gradient of a classifier's loss in its scores, in one kernel; for softmax cross-entropy f (softmax(x) - onehot(label)), f being the
/// row's weight in the result. Gradient rules emit it.
/// </summary>
public sealed class ClassLossGradient : Operator, ILowering, IMergesCalls
{
    private readonly ClassMeasure _measure;
    private readonly ClassLoss _loss;

    private ClassLossGradient(ClassMeasure measure, ClassLoss loss)
    {
        (_measure, _loss) = (measure, loss);
        Attributes = [.. loss.Attributes.Where(a => a != ClassLoss.WithLogProbabilities)];
    }

    /// <summary>The gradients of all of <see cref="ClassLoss"/>.</summary>
    public static IReadOnlyList<ClassLossGradient> All { get; } =
    [
        new(ClassMeasure.CrossEntropy, ClassLoss.SoftmaxCrossEntropy), new(ClassMeasure.Negative, ClassLoss.NegativeLogLikelihood), new(ClassMeasure.Hinge, ClassLoss.Hinge), new(ClassMeasure.SquaredHinge, ClassLoss.SquaredHinge),
    ];

    /// <summary>The loss.</summary>
    internal ClassLoss Loss => _loss;

    /// <summary>Which loss it is, as kernels number it.</summary>
    internal ClassMeasure Measure => _measure;

    /// <inheritdoc/>
    public override string Name => $"{_loss.Name}_gradient";

    /// <inheritdoc/>
    public override string Summary => $"The gradient of {_loss.Name} in its scores.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("upstream", "the gradient of the loss"), new("scores", "[N, C, ...]"), new("labels", "[N, ...]"), new("weights", "[C]") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(), Reals(7, 10), Integers(0, 9, 7)),
        new OperatorSample(Reals(), Reals(50, 37), Integers(0, 36, 50)).With(ClassLabels.Reduction, "sum"),
        new OperatorSample(Reals(3, 7), Reals(3, 5, 7), Integers(0, 4, 3, 7), RealsWithin(0.5, 2, 5)).With(ClassLabels.Reduction, "none"),
        new OperatorSample(Reals(), Reals(2, 21, 4, 2), Integers(0, 20, 2, 4, 2), RealsWithin(0.5, 2, 21)).With(ClassLabels.IgnoreIndex, 3),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var scores = ClassLabels.Check(context, 1);
        var wanted = context.Get(ClassLabels.Reduction) == "none" ? context.ShapeOf(2) : Shape.Scalar;
        if (context.ShapeOf(0) != wanted) context.Fail("VKN2251", $"the gradient has shape {context.ShapeOf(0)}, but the loss has {wanted}");
        return [scores];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(1), context.Get(ClassLabels.Axis));
        var (upstream, scores, labels) = (context.Reals(0), context.Reals(1), context.Integers(2));
        var weights = context.Has(3) ? context.Reals(3) : null;
        var (ignored, margin, reduction) = (context.Get(ClassLabels.IgnoreIndex), context.Get(ClassLoss.Margin), context.Get(ClassLabels.Reduction));
        // Where rows count differently, one with a label that does not exist leaves nothing to divide by.
        double WeightOf(long label) =>
            label == ignored ? 0 : label >= 0 && label < rows.Extent ? weights?[label] ?? 1 : weights is null && ignored is null ? 1 : double.NaN;
        var divisor = reduction == "mean" ? labels.Sum(WeightOf) : 1;
        var result = new double[scores.Length];
        for (var row = 0L; row < rows.Count; row++)
        {
            var label = labels[row];
            if (label == ignored) continue;
            var exists = label >= 0 && label < rows.Extent;
            var factor = exists ? upstream[reduction == "none" ? row : 0] * WeightOf(label) / divisor : double.NaN;
            var derivative = exists ? Derivative(scores, rows, row, label, margin) : new double[rows.Extent];
            for (var i = 0L; i < rows.Extent; i++) result[rows.Place(row, i)] = factor * derivative[i];
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(8.0 * node.Outputs[0].Shape.ElementCount, 8.0 * node.Outputs[0].Shape.ElementCount);

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => ClassKernels.Gradient(context, _measure, context.Input(0), context.Input(1), context.Input(2), context.Has(3) ? context.Input(3) : null,
        ClassLabels.ReductionOf(context.Get(ClassLabels.Reduction)), context.Get(ClassLoss.Margin));

    /// <summary>What the merged call of a loss with its gradient is found by.</summary>
    public object? MergingKey(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return ClassLossStep.KeyOf(node, 1);
    }

    /// <inheritdoc/>
    public IEnumerable<MergedCall> Merge(IReadOnlyList<Node> nodes) => ClassLossStep.Of(nodes);

    private double[] Derivative(double[] scores, AxisRows rows, long row, long label, double margin)
    {
        var result = new double[rows.Extent];
        if (_measure == ClassMeasure.CrossEntropy)
        {
            var (largest, total) = HostClasses.LogSum(scores, rows, row);
            for (var i = 0L; i < rows.Extent; i++) result[i] = Math.Exp(scores[rows.Place(row, i)] - largest) / total;
        }
        if (_measure is ClassMeasure.CrossEntropy or ClassMeasure.Negative)
        {
            result[label] -= 1;
            return result;
        }
        var own = scores[rows.Place(row, label)];
        for (var i = 0L; i < rows.Extent; i++)
        {
            if (i == label) continue;
            var excess = scores[rows.Place(row, i)] - own + margin;
            result[i] = double.IsNaN(excess) ? excess : excess <= 0 ? 0 : _measure == ClassMeasure.Hinge ? 1 : 2 * excess;
        }
        result[label] = -result.Sum();
        return result;
    }
}
