using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using VkNet.Training;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// Losses of classifiers: a measure of every row of class scores against its label, weighted by the label's class, and summed or averaged.
/// Softmax cross-entropy takes the largest score out before exponentials, so that scores of 1e4 are as good as scores of 1.
/// </summary>
public sealed class ClassLoss : Operator, ILowering, IMergesCalls, IImportable, ITakesLabels
{
    private readonly ClassMeasure _measure;

    private ClassLoss(ClassMeasure measure, string name, string summary, string scores)
    {
        _measure = measure;
        Name = name;
        Summary = summary;
        Inputs = [new(scores, "[N, C, ...]: a score for every class"), new("labels", "[N, ...]: the scores' shape without the axis of classes, whole numbers"), new("weights", "[C]: a factor for every class") { Optional = true }];
        List<AttributeDefinition> attributes = [ClassLabels.Axis, ClassLabels.Reduction, ClassLabels.IgnoreIndex];
        if (HasMargin) attributes.Add(Margin);
        if (HasLogProbabilities) attributes.Add(WithLogProbabilities);
        Attributes = attributes;
        ImportRules = measure switch
        {
            ClassMeasure.CrossEntropy => [new ImportRule("SoftmaxCrossEntropyLoss", 12, Import)],
            ClassMeasure.Negative => [new ImportRule("NegativeLogLikelihoodLoss", 12, Import)],
            _ => [],
        };
    }

    /// <summary>The margin of a hinge.</summary>
    public static AttributeDefinition<double> Margin { get; } = new("margin", "By how much the label's score must exceed the others.", 1);

    /// <summary>Whether the log-probabilities are wanted too.</summary>
    public static AttributeDefinition<bool> WithLogProbabilities { get; } = new("log_probabilities", "Whether a second output gives the logarithm of the softmax.", false);

    /// <summary>-log softmax(logits)[label].</summary>
    public static ClassLoss SoftmaxCrossEntropy { get; } = new(ClassMeasure.CrossEntropy, "softmax_cross_entropy", "Softmax cross-entropy: -log(e^x[label] / sum over j of e^x[j]), computed stably in one kernel.", "logits");

    /// <summary>-x[label].</summary>
    public static ClassLoss NegativeLogLikelihood { get; } = new(ClassMeasure.Negative, "nll_loss", "Negative log-likelihood: -x[label], x being log-probabilities.", "input");

    /// <summary>The multi-class hinge (Weston, Watkins 1999).</summary>
    public static ClassLoss Hinge { get; } = new(ClassMeasure.Hinge, "hinge_loss", "Multi-class SVM loss (Weston, Watkins 1999): sum over j other than the label of max(0, x[j] - x[label] + margin).", "scores");

    /// <summary>The squared multi-class hinge.</summary>
    public static ClassLoss SquaredHinge { get; } = new(ClassMeasure.SquaredHinge, "squared_hinge_loss", "Squared multi-class SVM loss: sum over j other than the label of max(0, x[j] - x[label] + margin)^2.", "scores");

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Summary { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => HasLogProbabilities ? ["loss", "log_probabilities"] : ["loss"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public int LabelInput => 1;

    /// <inheritdoc/>
    public long Classes(Node node) => AxisRows.Of(node.Inputs[0]!.Shape, node.Get(ClassLabels.Axis)).Extent;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples
    {
        get
        {
            List<OperatorSample> samples =
            [
                new(Reals(7, 10), Integers(0, 9, 7)),
                new OperatorSample(Reals(500, 37), Integers(0, 36, 500)).With(ClassLabels.Reduction, "sum"),
                new OperatorSample(Reals(3, 5, 7), Integers(0, 4, 3, 7), RealsWithin(0.5, 2, 5)).With(ClassLabels.Reduction, "none"),
                new OperatorSample(Reals(2, 21, 4, 2), Integers(0, 20, 2, 4, 2), RealsWithin(0.5, 2, 21)).With(ClassLabels.IgnoreIndex, 3),
            ];
            if (HasLogProbabilities) samples.Add(new OperatorSample(Reals(4, 6), Integers(0, 5, 4)).With(WithLogProbabilities, true));
            return samples;
        }
    }

    private bool HasMargin => _measure is ClassMeasure.Hinge or ClassMeasure.SquaredHinge;

    private bool HasLogProbabilities => _measure == ClassMeasure.CrossEntropy;

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var scores = ClassLabels.Check(context, 0);
        var loss = scores with { Shape = context.Get(ClassLabels.Reduction) == "none" ? context.ShapeOf(1) : Shape.Scalar };
        return HasLogProbabilities && context.Get(WithLogProbabilities) ? [loss, scores] : [loss];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (losses, reduced) = Losses(context, 0);
        context.SetReals(0, context.Get(ClassLabels.Reduction) == "none" ? losses : [reduced]);
        if (context.OutputCount == 1) return;
        var (rows, scores) = (AxisRows.Of(context.ShapeOf(0), context.Get(ClassLabels.Axis)), context.Reals(0));
        for (var row = 0L; row < rows.Count; row++)
        {
            var (largest, total) = HostClasses.LogSum(scores, rows, row);
            for (var i = 0L; i < rows.Extent; i++) scores[rows.Place(row, i)] -= largest + Math.Log(total);
        }
        context.SetReals(1, scores);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(5.0 * node.Inputs[0]!.Shape.ElementCount, 4.0 * node.Inputs[0]!.Shape.ElementCount);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (scores, measure) = (context.Input(0), _measure);
        if (context.Node.Outputs.Count > 1)
        {
            // The log-probabilities are wanted anyway, and the loss can be read off them.
            var logarithms = context.Output(1);
            if (logarithms.Shape.ElementCount > 0) Softmax.Run(context, AxisRows.Of(scores.Shape, context.Get(ClassLabels.Axis)), scores, logarithms, logarithmic: true);
            (scores, measure) = (logarithms, ClassMeasure.Negative);
        }
        ClassKernels.Measure(context, measure, scores, context.Input(1), context.Has(2) ? context.Input(2) : null, context.Output(0), ClassLabels.ReductionOf(context.Get(ClassLabels.Reduction)), context.Get(Margin));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var node = context.Node;
        var weights = node.OperatorInputCount > 2 ? node.Inputs[2] : null;
        if (weights is not null && context.Needed[2])
            throw new VkNetException("VKN5001", $"{Name} '{node.Name}' has no gradient rule for its weights", "cut the path with stop_gradient", node.Location);
        Value? gradient = null;
        if (context.OutputGradients[0] is { } upstream)
        {
            var attributes = AttributeSet.Empty;
            foreach (var (name, value) in node.Attributes.Values)
                if (name != WithLogProbabilities.Name) attributes = attributes.With(name, value);
            gradient = context.Builder.Apply($"{Name}_gradient", attributes, upstream, context.Input(0), context.Input(1), weights);
        }
        if (node.Outputs.Count > 1 && context.OutputGradients[1] is { } second)
        {
            var through = context.Builder.Apply("log_softmax_gradient", AttributeSet.Empty.With(SoftmaxAxis.Axis, node.Get(ClassLabels.Axis)), node.Outputs[1], second);
            gradient = gradient is null ? through : context.Builder.Apply("add", null, gradient, through);
        }
        return node.OperatorInputCount > 2 ? [gradient, null, null] : [gradient, null];
    }

    /// <summary>The loss of every row, and what is made of them, on the host.</summary>
    /// <param name="context">The node.</param>
    /// <param name="first">Which input holds the scores; labels and weights follow.</param>
    internal (double[] Losses, double Reduced) Losses(HostContext context, int first)
    {
        var rows = AxisRows.Of(context.ShapeOf(first), context.Get(ClassLabels.Axis));
        var (scores, labels) = (context.Reals(first), context.Integers(first + 1));
        var weights = context.Has(first + 2) ? context.Reals(first + 2) : null;
        var (ignored, margin) = (context.Get(ClassLabels.IgnoreIndex), context.Get(Margin));
        var losses = new double[rows.Count];
        double sum = 0, weightSum = 0;
        for (var row = 0L; row < rows.Count; row++)
        {
            var label = labels[row];
            if (label == ignored) continue;
            var exists = label >= 0 && label < rows.Extent;
            var weight = exists && weights is not null ? weights[label] : 1;
            losses[row] = exists ? weight * Measure(scores, rows, row, label, margin) : double.NaN;
            sum += losses[row];
            weightSum += weight;
        }
        return (losses, context.Get(ClassLabels.Reduction) == "sum" ? sum : sum / weightSum);
    }

    /// <summary>What the merged call of a loss with its gradient is found by.</summary>
    public object? MergingKey(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return ClassLossStep.KeyOf(node, 0);
    }

    /// <inheritdoc/>
    public IEnumerable<MergedCall> Merge(IReadOnlyList<Node> nodes) => ClassLossStep.Of(nodes);

    private double Measure(double[] scores, AxisRows rows, long row, long label, double margin)
    {
        var own = scores[rows.Place(row, label)];
        if (_measure == ClassMeasure.Negative) return -own;
        if (_measure == ClassMeasure.CrossEntropy)
        {
            var (largest, total) = HostClasses.LogSum(scores, rows, row);
            return Math.Log(total) + (largest - own);
        }
        var sum = 0.0;
        for (var i = 0L; i < rows.Extent; i++)
        {
            if (i == label) continue;
            var excess = Math.Max(0, scores[rows.Place(row, i)] - own + margin);
            sum += _measure == ClassMeasure.Hinge ? excess : excess * excess;
        }
        return sum;
    }

    private IReadOnlyList<Value> Import(ImportNode node)
    {
        var attributes = AttributeSet.Empty.With(ClassLabels.Reduction, node.Text("reduction", "mean"));
        if (node.Has("ignore_index")) attributes = attributes.With(ClassLabels.IgnoreIndex, node.Integer("ignore_index", 0));
        if (HasLogProbabilities && node.OutputNames.Count > 1 && node.OutputNames[1].Length > 0) attributes = attributes.With(WithLogProbabilities, true);
        return node.EmitAll(Name, attributes, node.Input(0), node.Input(1), node.HasInput(2) ? node.Input(2) : null);
    }
}
