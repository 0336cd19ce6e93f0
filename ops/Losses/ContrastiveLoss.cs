using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// Draws rows of one kind together and pushes others apart (Hadsell, Chopra, LeCun 2006): half of d^2 for pairs of one kind, half of
/// max(0, margin - d)^2 for others, d being their Euclidean distance. Where d is 0 the gradient of the latter is taken as 0.
/// </summary>
public sealed class ContrastiveLoss : Operator, ILowering
{
    /// <summary>How far apart rows of different kinds should be.</summary>
    public static AttributeDefinition<double> Margin { get; } = new("margin", "How far apart rows of different kinds should be.", 1);

    /// <inheritdoc/>
    public override string Name => "contrastive_loss";

    /// <inheritdoc/>
    public override string Summary => "Contrastive loss (Hadsell, Chopra, LeCun 2006): d^2 / 2 for rows of one kind, max(0, margin - d)^2 / 2 for others, d being their distance.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("first", "[..., features]"), new("second", "of the same shape"), new("same", "[...]: whole numbers or truth values, 0 where the two are of different kinds")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["loss"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [ClassLabels.Reduction, Margin];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(7, 5), Reals(7, 5), Truths(7)).With(Margin, 4), new OperatorSample(Reals(3, 130), Reals(3, 130), Integers(0, 1, 3)).With(ClassLabels.Reduction, "none").With(Margin, 20),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var rows = DistanceKernels.Check(context, 2);
        var same = context.Input(2);
        if (same.DataType.IsFloat() || same.Shape != rows) context.Fail("VKN2253", $"'same' is {same}, but rows {context.Input(0)} want whole numbers or truth values {rows}", "one for every pair of rows");
        return [context.Input(0) with { Shape = context.Get(ClassLabels.Reduction) == "none" ? rows : Shape.Scalar }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (a, b, same, margin) = (context.Reals(0), context.Reals(1), context.Integers(2), context.Get(Margin));
        var extent = context.ShapeOf(0)[-1];
        var losses = new double[same.Length];
        for (var row = 0; row < losses.Length; row++)
        {
            var square = DistanceKernels.SquaredDistance(a, b, row, extent);
            var missing = Math.Max(0, margin - Math.Sqrt(square));
            losses[row] = (same[row] != 0 ? square : missing * missing) / 2;
        }
        DistanceKernels.Store(context, losses);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => DistanceKernels.Run(context, null, context.Input(2), context.Get(Margin));

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (a, b) = (Formula.Of(context, context.Input(0)), Formula.Of(context, context.Input(1)));
        var difference = a - b;
        var distance = Softmax.Total(difference * difference, -1).Apply("sqrt");
        var missing = distance.Affine(-1, context.Node.Get(Margin)).Apply("max", distance.Constant(0));
        var apart = distance.IsAbove(0).Choose(-missing / distance, distance.Constant(0));
        var same = DistanceKernels.Keep(Formula.Of(context, context.Input(2)).Apply("cast", AttributeSet.Empty.With(Pointwise.Cast.To, "bool")), a.Value.Shape);
        var gradient = difference * (same.Choose(distance.Constant(1), apart) * DistanceKernels.RowGradient(context));
        return [gradient, context.Needed[1] ? -gradient : null, null];
    }
}
