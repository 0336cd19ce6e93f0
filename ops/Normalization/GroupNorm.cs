using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Normalization;

/// <summary>
/// Group normalisation (Wu, He 2018): every group of neighbouring channels of every image is normalised over its channels and positions,
/// then every channel has its own scale and bias.
/// </summary>
public sealed class GroupNorm : Operator, ILowering, IImportable, IExportable
{
    /// <summary>Number of groups.</summary>
    public static AttributeDefinition<long> Groups { get; } = new("groups", "Number of groups that the channels are divided into.", required: true) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "group_norm";

    /// <inheritdoc/>
    public override string Summary => "Group normalisation: every group of channels of every image by its own mean and variance, then a scale and a bias per channel.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, ...]"),
        new("scale", "[C]") { Optional = true, IsParameter = true },
        new("bias", "[C]") { Optional = true, IsParameter = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Groups, NormalizationAttributes.Epsilon];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("GroupNormalization", 18, node => Import(node, perGroup: true)) with { UntilVersion = 20 },
        ImportRule.Single("GroupNormalization", 21, node => Import(node, perGroup: false)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        var channels = NormalizationAttributes.RequireChannels(context)[1];
        List<ParameterDeclaration> declarations = [];
        if (!context.Has(1)) declarations.Add(NormalizationAttributes.Ones("scale", [channels]));
        if (!context.Has(2)) declarations.Add(NormalizationAttributes.Zeros("bias", [channels]));
        return declarations;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(2, 6, 5, 7), Reals(6), Reals(6)).With(Groups, 3), new OperatorSample(Reals(2, 4, 300), Reals(4), Reals(4)).With(Groups, 1)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("GroupNormalization", NormalizationAttributes.WithScaleAndBias(node),
        ("epsilon", node.Get(NormalizationAttributes.Epsilon)), ("num_groups", node.Get(Groups)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var shape = NormalizationAttributes.RequireChannels(context);
        NormalizationAttributes.CheckEpsilon(context);
        NormalizationAttributes.RequirePerChannel(context, 1, shape[1]);
        NormalizationAttributes.RequirePerChannel(context, 2, shape[1]);
        var groups = context.Get(Groups);
        if (groups < 1 || shape[1] % groups != 0) context.Fail("VKN2355", $"{groups} groups do not divide the {shape[1]} channels of {shape}");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (groups, placement) = GroupsOf(context.ShapeOf(0), context.Get(Groups));
        var (values, epsilon) = (context.Reals(0), context.Get(NormalizationAttributes.Epsilon));
        var (mean, variance) = HostNormalization.Statistics(values, groups);
        HostNormalization.Apply(values, groups, g => mean[g], g => 1 / Math.Sqrt(variance[g] + epsilon), context.Has(1) ? context.Reals(1) : null, context.Has(2) ? context.Reals(2) : null, placement);
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
        var (groups, placement) = GroupsOf(context.Input(0).Shape, context.Get(Groups));
        NormalizationKernels.Normalize(context, groups, NormalizationKind.Variance, context.Get(NormalizationAttributes.Epsilon),
            context.Has(1) ? context.Input(1) : null, context.Has(2) ? context.Input(2) : null, placement, context.Get(Groups));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (node, builder, shape) = (context.Node, context.Builder, context.Input(0).Shape);
        var groups = node.Get(Groups);
        var channels = shape[1];
        // As [N, groups, channels of a group, positions], groups are axes 2 and 3.
        Shape grouped = [shape[0], groups, channels / groups, shape.Product(2, shape.Rank)];
        Formula Grouped(Value value) => Formula.Of(context, Views.To(builder, value, grouped));
        Formula? scale = node.Inputs.Count > 1 && node.Inputs[1] is { } given ? Formula.Of(context, Views.To(builder, given, [1, groups, channels / groups, 1])) : null;
        var upstream = Grouped(context.Upstream);
        var gradient = NormalizationGradient.Of(Grouped(context.Input(0)), upstream, scale, [2, 3], node.Get(NormalizationAttributes.Epsilon));
        Value PerChannel(Value value) => Views.To(builder, GradientShapes.ReduceTo(builder, value, [1, groups, channels / groups, 1]), [channels]);
        var result = new Value?[node.OperatorInputCount];
        result[0] = Views.To(builder, gradient.Input, shape);
        if (result.Length > 1 && context.Needed[1]) result[1] = PerChannel(upstream * gradient.Normalized);
        if (result.Length > 2 && context.Needed[2]) result[2] = PerChannel(upstream);
        return result;
    }

    private static (ElementGroups Groups, ScalePlacement Placement) GroupsOf(Shape shape, long groups)
    {
        var positions = shape.Product(2, shape.Rank);
        var channels = shape[1] / groups;
        return (new ElementGroups(1, shape[0] * groups, channels * positions, 1), new ScalePlacement(1, groups, channels, Math.Max(1, positions)));
    }

    // Until opset 20 scale and bias had one number per group.
    private static Value Import(ImportNode node, bool perGroup)
    {
        var (input, groups) = (node.Input(0), node.Integer("num_groups", 1));
        if (input.Shape.Rank < 2 || groups < 1 || input.Shape[1] % groups != 0) node.Fail("VKN3251", $"{groups} groups do not divide the channels of {input.Type}");
        var attributes = AttributeSet.Empty.With(Groups, groups).With(NormalizationAttributes.Epsilon, node.Real("epsilon", 1e-5));
        return node.Emit("group_norm", attributes, input, PerChannel(node.Input(1)), PerChannel(node.Input(2)));

        Value PerChannel(Value value)
        {
            if (!perGroup || value.Shape.ElementCount != groups) return value;
            var column = Views.To(node.Builder, value, [groups, 1]);
            var repeated = node.Emit("expand", AttributeSet.Empty.With(Layout.Expand.Shape, [groups, input.Shape[1] / groups]), column);
            return Views.To(node.Builder, repeated, [input.Shape[1]]);
        }
    }
}
