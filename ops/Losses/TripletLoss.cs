using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// Wants an anchor nearer to a row of its own kind than to another (Schroff, Kalenichenko, Philbin 2015):
/// max(0, |a - p|^2 - |a - n|^2 + margin).
/// </summary>
public sealed class TripletLoss : Operator, ILowering
{
    /// <summary>By how much the squared distances should differ.</summary>
    public static AttributeDefinition<double> Margin { get; } = new("margin", "By how much the squared distances should differ.", 0.2);

    /// <inheritdoc/>
    public override string Name => "triplet_loss";

    /// <inheritdoc/>
    public override string Summary => "Triplet loss (Schroff, Kalenichenko, Philbin 2015): max(0, |anchor - positive|^2 - |anchor - negative|^2 + margin).";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("anchor", "[..., features]"), new("positive", "of the same shape"), new("negative", "of the same shape")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["loss"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [ClassLabels.Reduction, Margin];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(7, 5), Reals(7, 5), Reals(7, 5)), new OperatorSample(Reals(3, 130), Reals(3, 130), Reals(3, 130)).With(ClassLabels.Reduction, "none"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var rows = DistanceKernels.Check(context, 3);
        return [context.Input(0) with { Shape = context.Get(ClassLabels.Reduction) == "none" ? rows : Shape.Scalar }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (a, p, n, shape) = (context.Reals(0), context.Reals(1), context.Reals(2), context.ShapeOf(0));
        var losses = new double[shape.Product(0, shape.Rank - 1)];
        for (var row = 0; row < losses.Length; row++)
            losses[row] = Math.Max(0, DistanceKernels.SquaredDistance(a, p, row, shape[-1]) - DistanceKernels.SquaredDistance(a, n, row, shape[-1]) + context.Get(Margin));
        DistanceKernels.Store(context, losses);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => DistanceKernels.Run(context, context.Input(2), null, context.Get(Margin));

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (a, p, n) = (Formula.Of(context, context.Input(0)), Formula.Of(context, context.Input(1)), Formula.Of(context, context.Input(2)));
        var (near, far) = (a - p, a - n);
        var excess = Softmax.Total(near * near, -1) - Softmax.Total(far * far, -1) + context.Node.Get(Margin);
        var factor = excess.IsAbove(0).Choose(excess.Constant(2), excess.Constant(0)) * DistanceKernels.RowGradient(context);
        return [context.Needed[0] ? (n - p) * factor : null, context.Needed[1] ? -(near * factor) : null, context.Needed[2] ? far * factor : null];
    }
}
