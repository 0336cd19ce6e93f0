using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Normalization;

/// <summary>Mean-variance normalisation over given axes: y = (x - mean) / sqrt(variance + epsilon).</summary>
public sealed class MeanVarianceNorm : Operator, ILowering, IImportable, IExportable
{
    // ONNX adds 1e-9 to the standard deviation; the square of that added to the variance is the same for a constant group, and
    // below rounding for every other.
    private const double OnnxEpsilon = 1e-18;

    /// <summary>The axes.</summary>
    public static AttributeDefinition<long[]> Axes { get; } = new("axes", "The axes over which mean and variance are taken.", [0, 2, 3]) { ScalarAllowed = true };

    /// <summary>Added to the variance.</summary>
    public static AttributeDefinition<double> Epsilon { get; } = new("epsilon", "Added to the variance.", OnnxEpsilon);

    /// <inheritdoc/>
    public override string Name => "mean_variance_norm";

    /// <inheritdoc/>
    public override string Summary => "Mean-variance normalisation over given axes: y = (x - mean) / sqrt(variance + epsilon).";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axes, Epsilon];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("MeanVarianceNormalization", 1, node =>
        {
            // Opset 1 named the axes by whether the mean goes across channels.
            var axes = node.Opset < 9 && node.Integer("across_channels", 0) != 0 ? [0, 1, 2, 3] : node.Integers("axes") ?? [0, 2, 3];
            return node.Emit("mean_variance_norm", AttributeSet.Empty.With(Axes, axes), node.Input(0));
        }),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(2, 3, 5, 7)), new OperatorSample(Reals(5, 67)).With(Axes, [1])];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        if (node.Get(Epsilon) != OnnxEpsilon) node.Refuse($"its epsilon is {node.Get(Epsilon)}, which ONNX fixes");
        node.Result("MeanVarianceNormalization", node.Inputs, ("axes", node.Get(Axes)!));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var axes = context.Get(Axes).Select(a => context.Axis(a, type.Shape.Rank)).ToList();
        if (!(context.Get(Epsilon) >= 0)) context.Fail("VKN2350", $"'epsilon' is {context.Get(Epsilon)}", "it must be 0 or more");
        if (ElementGroups.Over(type.Shape, axes) is null)
            context.Fail("VKN2358", $"the axes [{string.Join(", ", axes)}] of {type.Shape} alternate too often with those kept", "transpose so that at most two runs of axes are normalised");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (groups, values, epsilon) = (GroupsOf(context.Attributes, context.ShapeOf(0)), context.Reals(0), context.Get(Epsilon));
        var (mean, variance) = HostNormalization.Statistics(values, groups);
        HostNormalization.Apply(values, groups, g => mean[g], g => 1 / Math.Sqrt(variance[g] + epsilon), null, null, ScalePlacement.PerElement);
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public bool AcceptsPrologue(Node node) => true;

    /// <inheritdoc/>
    public int PrologueReads(Node node) => NormalizationKernels.Reads;

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => NormalizationAttributes.IsFullOrSingle(node, operand);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var groups = GroupsOf(context.Node.Attributes, context.Input(0).Shape);
        NormalizationKernels.Normalize(context, groups, NormalizationKind.Variance, context.Get(Epsilon), null, null, ScalePlacement.PerElement, groups.Count);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [NormalizationGradient.Of(Formula.Of(context, context.Input(0)), Formula.Of(context, context.Upstream), null, context.Node.Get(Axes), context.Node.Get(Epsilon)).Input];

    private static ElementGroups GroupsOf(AttributeSet attributes, Shape shape) =>
        ElementGroups.Over(shape, [.. attributes.Get(Axes).Select(a => (int)(a < 0 ? a + shape.Rank : a))]) ?? throw new InvalidOperationException("the axes were checked");
}
