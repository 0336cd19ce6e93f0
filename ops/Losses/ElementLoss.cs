using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// Losses that compare element with element: measured and added up in one kernel. Their gradients are pointwise formulas, which the compiler
/// fuses.
/// </summary>
public sealed class ElementLoss : Operator, ILowering
{
    private const int GroupSize = 64;
    private const long MostGroups = 1024;
    private const long ElementsPerGroup = 2048;

    private readonly ElementMeasure _measure;
    private readonly AttributeDefinition<double>? _alpha;

    private ElementLoss(ElementMeasure measure, string name, string summary, string input = "input", string target = "target", AttributeDefinition<double>? alpha = null)
    {
        (_measure, _alpha, Name, Summary) = (measure, alpha, name, summary);
        Inputs = [new(input, "any shape"), new(target, "of the same shape")];
        Attributes = alpha is not null ? [Reduction, alpha] : measure == ElementMeasure.Divergence ? [Reduction, LogarithmicTarget] : [Reduction];
    }

    /// <summary>What is made of the elements' losses.</summary>
    public static AttributeDefinition<string> Reduction { get; } = new("reduction", "What is made of the losses: their mean, their sum, their sum divided by the first axis' size, or nothing.", "mean") { Choices = ["none", "mean", "sum", "batch_mean"] };

    /// <summary>Where the Huber loss turns linear.</summary>
    public static AttributeDefinition<double> Delta { get; } = new("delta", "The difference from which on the loss is linear.", 1);

    /// <summary>The weight of positive labels.</summary>
    public static AttributeDefinition<double> PositiveWeight { get; } = new("positive_weight", "What the loss of positive labels is multiplied with.", 1);

    /// <summary>Whether targets are logarithms.</summary>
    public static AttributeDefinition<bool> LogarithmicTarget { get; } = new("log_target", "Whether the target holds logarithms of probabilities, too.", false);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ElementLoss> All { get; } =
    [
        new(ElementMeasure.Square, "mse_loss", "Squared error: (x - t)^2."),
        new(ElementMeasure.Absolute, "l1_loss", "Absolute error: |x - t|."),
        new(ElementMeasure.Huber, "huber_loss", "Huber's loss (1964): (x - t)^2 / 2 where |x - t| <= delta, else delta (|x - t| - delta / 2).", alpha: Delta),
        new(ElementMeasure.Logistic, "sigmoid_cross_entropy", "Cross-entropy of independent labels from logits: -w t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x)), computed stably.", "logits", "labels", PositiveWeight),
        new(ElementMeasure.Divergence, "kl_divergence", "Kullback-Leibler divergence of the input's distribution from the target's: t (log(t) - x), x being log-probabilities."),
    ];

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Summary { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["loss"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(7, 11), RealsWithin(0, 1, 7, 11)), new OperatorSample(Reals(100, 67), RealsWithin(0, 1, 100, 67)).With(Reduction, "batch_mean"), new OperatorSample(Reals(3, 5), RealsWithin(0, 1, 3, 5)).With(Reduction, "none"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, target) = (context.RequireFloat(0), context.RequireFloat(1));
        if (type != target) context.Fail("VKN2255", $"'{InputName(1)}' is {target}, but '{InputName(0)}' is {type}", "both must be of one type");
        if (context.Get(Reduction) == "batch_mean" && type.Shape.Rank == 0) context.Fail("VKN2250", "a scalar has no axis of batch entries", "choose another reduction");
        if (_alpha is not null && !(context.Get(_alpha) > 0)) context.Fail("VKN2256", $"'{_alpha.Name}' is {context.Get(_alpha)}, but must be positive");
        return [type with { Shape = context.Get(Reduction) == "none" ? type.Shape : Shape.Scalar }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (x, t, alpha) = (context.Reals(0), context.Reals(1), AlphaOf(context.Attributes));
        var isLogarithmic = context.Get(LogarithmicTarget);
        for (var i = 0; i < x.Length; i++) x[i] = Measure(x[i], t[i], alpha, isLogarithmic);
        if (context.Get(Reduction) == "none") context.SetReals(0, x);
        else context.SetReals(0, [x.Sum() / DivisorOf(context.Get(Reduction), context.ShapeOf(0))]);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(10.0 * node.Inputs[0]!.Shape.ElementCount, 8.0 * node.Inputs[0]!.Shape.ElementCount);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, target, output, reduction) = (context.Input(0), context.Input(1), context.Output(0), context.Get(Reduction));
        var count = input.Shape.ElementCount;
        var reduced = reduction != "none";
        var divisor = DivisorOf(reduction, input.Shape);
        if (count == 0)
        {
            if (reduced) context.Fill(output, divisor == 0 ? BitConverter.SingleToUInt32Bits(float.NaN) : 0);
            return;
        }
        var groups = Math.Min((count + ElementsPerGroup - 1) / ElementsPerGroup, MostGroups);
        var result = reduced && groups > 1 ? context.Workspace("totals", TensorType.Float(groups, 2)) : output;
        var measure = _measure == ElementMeasure.Divergence && context.Get(LogarithmicTarget) ? ElementMeasure.DivergenceOfLogarithms : _measure;
        context.Dispatch(context.Choose(LossElementMeasure.Family.Variants, input, target))
            .Parameters(checked(new LossElementMeasure.Parameters { Count = (int)count, Groups = (int)groups, Reduced = reduced ? 1 : 0, Share = 1f / divisor, Alpha = (float)AlphaOf(context.Node.Attributes) }))
            .Constant(LossElementMeasure.Constants.Measure, (long)measure)
            .Bind(LossElementMeasure.Bindings.Source, input)
            .Bind(LossElementMeasure.Bindings.Target, target)
            .Bind(LossElementMeasure.Bindings.Result, result)
            .Cost(10.0 * count, input.Bytes + target.Bytes)
            .RunLinear(groups * GroupSize, GroupSize);
        if (result != output) ClassKernels.Totals(context, result, output, groups, isMean: false);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (x, t) = (Formula.Of(context, context.Input(0)), Formula.Of(context, context.Input(1)));
        var g = Formula.Of(context, context.Upstream) * (1.0 / DivisorOf(context.Node.Get(Reduction), context.Input(0).Shape));
        var alpha = AlphaOf(context.Node.Attributes);
        Value? Gradient(int input, Func<Formula> derivative) => context.Needed[input] ? derivative() * g : null;
        switch (_measure)
        {
            case ElementMeasure.Square:
                return [Gradient(0, () => (x - t) * 2), Gradient(1, () => (x - t) * -2)];
            case ElementMeasure.Absolute:
                return [Gradient(0, () => (x - t).Apply("sign")), Gradient(1, () => (t - x).Apply("sign"))];
            case ElementMeasure.Huber:
                Formula Limited(Formula difference) => difference.Apply("max", difference.Constant(-alpha)).Apply("min", difference.Constant(alpha));
                return [Gradient(0, () => Limited(x - t)), Gradient(1, () => Limited(t - x))];
            case ElementMeasure.Logistic:
                return [Gradient(0, () => 1 - t - t.Affine(alpha - 1, 1) * (-x).Apply("sigmoid")), Gradient(1, () => alpha == 1 ? -x : (-x).Apply("softplus") * (alpha - 1) - x)];
            default:
                return context.Node.Get(LogarithmicTarget)
                    ? [Gradient(0, () => -t.Apply("exp")), Gradient(1, () => t.Apply("exp") * (t - x + 1))]
                    : [Gradient(0, () => -t), Gradient(1, () => t.Apply("log") - x + 1)];
        }
    }

    private static long DivisorOf(string reduction, Shape shape) => reduction switch
    {
        "mean" => shape.ElementCount,
        "batch_mean" => shape[0],
        _ => 1,
    };

    private double AlphaOf(AttributeSet attributes) => _alpha is null ? 1 : attributes.Get(_alpha);

    private double Measure(double x, double t, double alpha, bool isLogarithmic)
    {
        var difference = x - t;
        return _measure switch
        {
            ElementMeasure.Square => difference * difference,
            ElementMeasure.Absolute => Math.Abs(difference),
            ElementMeasure.Huber => Math.Abs(difference) <= alpha ? difference * difference / 2 : alpha * (Math.Abs(difference) - alpha / 2),
            ElementMeasure.Logistic => (1 - t) * x + (1 + (alpha - 1) * t) * (Math.Log(1 + Math.Exp(-Math.Abs(x))) + Math.Max(-x, 0)),
            _ => isLogarithmic ? Math.Exp(t) * (t - x) : t == 0 ? 0 : t * (Math.Log(t) - x),
        };
    }
}
