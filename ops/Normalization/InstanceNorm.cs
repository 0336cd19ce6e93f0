using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Normalization;

/// <summary>Instance normalisation (Ulyanov 2017): every channel of every image is normalised over its positions, then scaled and shifted.</summary>
public sealed class InstanceNorm : Operator, ILowering, IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "instance_norm";

    /// <inheritdoc/>
    public override string Summary => "Instance normalisation: every channel of every image by its own mean and variance over its positions, then a scale and a bias per channel.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, ...]"),
        new("scale", "[C]") { Optional = true, IsParameter = true },
        new("bias", "[C]") { Optional = true, IsParameter = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [NormalizationAttributes.Epsilon];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("InstanceNormalization", 1, node => node.Emit("instance_norm",
            AttributeSet.Empty.With(NormalizationAttributes.Epsilon, node.Real("epsilon", 1e-5)), node.Input(0), node.Input(1), node.Input(2))),
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
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(2, 5, 7, 9), Reals(5), Reals(5)), new(Reals(1, 3, 1025), Reals(3), Reals(3))];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("InstanceNormalization", NormalizationAttributes.WithScaleAndBias(node), ("epsilon", node.Get(NormalizationAttributes.Epsilon)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var shape = NormalizationAttributes.RequireChannels(context);
        NormalizationAttributes.CheckEpsilon(context);
        NormalizationAttributes.RequirePerChannel(context, 1, shape[1]);
        NormalizationAttributes.RequirePerChannel(context, 2, shape[1]);
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = context.ShapeOf(0);
        var groups = new ElementGroups(1, shape[0] * shape[1], shape.Product(2, shape.Rank), 1);
        var (values, epsilon) = (context.Reals(0), context.Get(NormalizationAttributes.Epsilon));
        var (mean, variance) = HostNormalization.Statistics(values, groups);
        HostNormalization.Apply(values, groups, g => mean[g], g => 1 / Math.Sqrt(variance[g] + epsilon), context.Has(1) ? context.Reals(1) : null, context.Has(2) ? context.Reals(2) : null,
            new ScalePlacement(1, shape[1], 1, Math.Max(1, groups.Size)));
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public bool AcceptsPrologue(Node node) => true;

    /// <inheritdoc/>
    public int PrologueReads(Node node) => NormalizationKernels.Reads;

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => NormalizationAttributes.IsFullOrSingle(node, operand)
        || (operand.DataType == DataType.Float32 && node.Outputs[0].Shape.Rank > 2 && OperandShapes.Classify(node.Outputs[0].Shape, operand.Shape) == OperandShape.Channel);

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => LayoutChoice.Either;

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => ChannelEpilogue.InputLayout(node, input, layout);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var input = context.Input(0);
        var groups = NormalizationKernels.PerChannel(input, perImage: true);
        var period = input.Layout == Graphs.Layout.ChannelsLast ? input.PaddedChannels : input.Shape[1];
        NormalizationKernels.Normalize(context, groups, NormalizationKind.Variance, context.Get(NormalizationAttributes.Epsilon),
            context.Has(1) ? context.Input(1) : null, context.Has(2) ? context.Input(2) : null, new ScalePlacement(1, Math.Max(1, period), 1, Math.Max(1, groups.Size)), input.Shape[1]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (node, builder, shape) = (context.Node, context.Builder, context.Input(0).Shape);
        var axes = Enumerable.Range(2, shape.Rank - 2).Select(a => (long)a).ToArray();
        Shape perChannel = new([1, shape[1], .. Enumerable.Repeat(1L, shape.Rank - 2)]);
        Formula? scale = node.Inputs.Count > 1 && node.Inputs[1] is { } given ? Formula.Of(context, Views.To(builder, given, perChannel)) : null;
        var upstream = Formula.Of(context, context.Upstream);
        var gradient = NormalizationGradient.Of(Formula.Of(context, context.Input(0)), upstream, scale, axes, node.Get(NormalizationAttributes.Epsilon));
        var result = new Value?[node.OperatorInputCount];
        result[0] = gradient.Input;
        if (result.Length > 1 && context.Needed[1]) result[1] = Views.To(builder, GradientShapes.ReduceTo(builder, upstream * gradient.Normalized, perChannel), [shape[1]]);
        if (result.Length > 2 && context.Needed[2]) result[2] = Views.To(builder, GradientShapes.ReduceTo(builder, upstream, perChannel), [shape[1]]);
        return result;
    }
}
