using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>
/// Convolution over one, two or three spatial axes, as neural networks mean it (cross-correlation):
/// y[n, o, p] = bias[o] + sum over c, k of x[n, c, p * stride - padding + k * dilation] * w[o, c, k], c running over the channels of o's group.
/// </summary>
public sealed partial class Conv : Operator, IImportable, IExportable
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public Conv(int axes)
    {
        _axes = axes;
        var letters = ConvolutionTexts.Axes(axes);
        Inputs =
        [
            new("input", $"[N, C, {letters}]"),
            new("weight", $"[filters, C / groups, {ConvolutionTexts.Kernel(axes)}]") { IsParameter = true },
            new("bias", "[filters]") { Optional = true, IsParameter = true },
        ];
        ImportRules = axes == 2 ? [ImportRule.Single("Conv", 1, Import)] : [];
    }

    /// <summary>Number of filters.</summary>
    public static AttributeDefinition<long> Filters { get; } = new("filters", "Number of filters; may be left out when 'weight' is given.", 0) { Minimum = 1 };

    /// <summary>Number of groups.</summary>
    public static AttributeDefinition<long> Groups { get; } = new("groups", "Number of groups that input channels and filters are divided into; filters see the channels of their own group only.", 1) { Minimum = 1 };

    /// <summary>Whether a bias comes into being.</summary>
    public static AttributeDefinition<bool> HasBias { get; } = new("bias", "Whether a bias comes into being with the node.", true);

    /// <inheritdoc/>
    public override string Name => $"conv{_axes}d";

    /// <inheritdoc/>
    public override string Summary => $"Convolution (cross-correlation) over {_axes} spatial {(_axes == 1 ? "axis" : "axes")}: y[n,o,p] = bias[o] + sum x[n,c,p*stride-padding+k*dilation] * w[o,c,k].";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [Filters, WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding, WindowAttributes.AutoPadding, WindowAttributes.Dilation, Groups, HasBias];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        var input = context.RequireRank(0, 2 + _axes);
        var groups = context.Get(Groups);
        var hasWeight = context.Has(1);
        var filters = hasWeight ? context.ShapeOf(1)[0] : context.Get(Filters);
        if (filters < 1) context.Fail("VKN2305", "'filters' is missing", "say how many filters it has, e.g. filters: 16");
        var declarations = new List<ParameterDeclaration>();
        if (!hasWeight)
        {
            if (context.Get(WindowAttributes.Kernel) is not { } kernel)
            {
                context.Fail("VKN2306", "'kernel' is missing", "say how large the filters are, e.g. kernel: 3");
                return [];
            }
            kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, kernel, _axes, (code, message, help) => context.Fail(code, message, help));
            CheckGroups(context, input[1], filters);
            declarations.Add(new("weight", TensorType.Float([filters, input[1] / groups, .. kernel]), new ParameterOptions { Initializer = "he" }));
        }
        if (!context.Has(2) && (context.Attributes.Has(HasBias) ? context.Get(HasBias) : !hasWeight))
            declarations.Add(new("bias", TensorType.Float(filters), new ParameterOptions()));
        return declarations;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 2, 5, 9)), Reals(ConvolutionTexts.Sizes(_axes, 7, 5, 3)), Reals(7)).With(WindowAttributes.Padding, [1]),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 8, 9)), Reals(ConvolutionTexts.Sizes(_axes, 12, 8, 1)), Reals(12)),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 6, 11)), Reals(ConvolutionTexts.Sizes(_axes, 4, 3, 3))).With(Groups, 2).With(WindowAttributes.Stride, [2]).With(WindowAttributes.Dilation, [2]),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 5, 9)), Reals(ConvolutionTexts.Sizes(_axes, 5, 1, 3)), Reals(5)).With(Groups, 5).With(WindowAttributes.AutoPadding, "same"),
        // Many filters, and a picture's few channels: each has kernels of its own.
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 16, 9)), Reals(ConvolutionTexts.Sizes(_axes, 128, 16, 3)), Reals(128)).With(WindowAttributes.Stride, [2]),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 3, 13)), Reals(ConvolutionTexts.Sizes(_axes, 64, 3, 5)), Reals(64)).With(WindowAttributes.Stride, [2]),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Conv", node.Inputs, [.. ConvolutionTexts.ToOnnx(node, _axes, node.ShapeOf(1).AsSpan()[2..].ToArray()), ("group", node.Get(Groups))]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var (input, weight) = (context.RequireRank(0, 2 + _axes), context.RequireRank(1, 2 + _axes));
        CheckGroups(context, input[1], weight[0]);
        var groups = context.Get(Groups);
        if (weight[1] != input[1] / groups)
            context.Fail("VKN2307", $"the filters {weight} span {weight[1]} channels, but the input {input} has {input[1]}{(groups == 1 ? "" : $" in {groups} groups, {input[1] / groups} each")}", "weight: [filters, C / groups, kernel...]");
        if (context.Attributes.Has(Filters) && context.Get(Filters) != weight[0])
            context.Fail("VKN2308", $"'filters' is {context.Get(Filters)}, but weight {weight} holds {weight[0]}");
        ConvolutionTexts.CheckKernel(context, weight);
        if (context.Has(2) && context.ShapeOf(2) is var bias && (bias.Rank != 1 || bias[0] != weight[0]))
            context.Fail("VKN2309", $"the bias has shape {bias}, but the weight {weight} holds {weight[0]} filters", "bias: [filters]");
        var window = SpatialWindow.Of(context, _axes, weight.AsSpan()[2..], input.AsSpan()[2..]);
        return [new TensorType(type.DataType, new Shape([input[0], weight[0], .. window.OutputSizes(context, input)]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (input, weight, output) = (context.ShapeOf(0), context.ShapeOf(1), context.Output(0).Shape);
        var window = SpatialWindow.Of(context.Attributes, _axes, weight.AsSpan()[2..], input.AsSpan()[2..]);
        var geometry = new HostConvolution(window, input[0], input[1], SpatialWindow.ThreeAxes(input), weight[0], SpatialWindow.ThreeAxes(output), context.Get(Groups));
        context.SetReals(0, geometry.Forward(context.Reals(0), context.Reals(1), context.Has(2) ? context.Reals(2) : null));
    }

    /// <inheritdoc/>
    public override AttributeSet? MergeWith(Node node, Node producer)
    {
        if (Layout.Pad.SpatialZeros(producer) is not { } zeros) return null;
        var window = SpatialWindow.Of(node.Attributes, _axes, node.Inputs[1]!.Shape.AsSpan()[2..], node.Inputs[0]!.Shape.AsSpan()[2..]);
        return node.Attributes.With(WindowAttributes.AutoPadding, "explicit").With(WindowAttributes.Padding, [.. window.PadBegin.Concat(window.PadEnd).Zip(zeros, (a, b) => a + b)]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WindowExtent>? Window(Node node) => SpatialWindow.Of(node.Attributes, _axes, node.Inputs[1]!.Shape.AsSpan()[2..], node.Inputs[0]!.Shape.AsSpan()[2..]).Extents();

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var bytes = base.Cost(node).Bytes;
        var (weight, output) = (node.Inputs[1]!.Shape, node.Outputs[0].Shape);
        return new OperatorCost(2.0 * output.ElementCount * weight.Product(1, weight.Rank), bytes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (input, weight, upstream) = (context.Input(0), context.Input(1), context.Upstream);
        var window = SpatialWindow.Of(context.Node.Attributes, _axes, weight.Shape.AsSpan()[2..], input.Shape.AsSpan()[2..]);
        var groups = context.Node.Get(Groups);
        var attributes = ConvolutionTexts.Explicit(window, groups);
        var result = new Value?[context.Node.OperatorInputCount];
        if (context.Needed[0]) result[0] = DataGradient(context.Builder, _axes, window, attributes, input.Shape, upstream, weight);
        var wantsBias = result.Length > 2 && context.Needed[2];
        if (context.Needed[1])
        {
            var gradient = context.Builder.Registry.Get($"conv{_axes}d_weight_gradient");
            var both = context.Builder.Add(gradient, attributes.With(WindowAttributes.Kernel, window.Kernel).With(ConvWeightGradient.WithBias, wantsBias), [input, upstream]);
            result[1] = both[0];
            if (wantsBias) result[2] = both[1];
        }
        else if (wantsBias) result[2] = BiasGradient(context);
        return result;
    }

    /// <summary>The gradient of a convolution in its input.</summary>
    internal static Value DataGradient(GraphBuilder builder, int axes, SpatialWindow window, AttributeSet attributes, Shape input, Value upstream, Value weight)
    {
        if (input.ElementCount == 0 || upstream.Shape.ElementCount == 0) return builder.Constant(Tensor.Zeros(upstream.DataType, input));
        // What the strides left over at the end saw no window; the transposed convolution must still produce it.
        var rest = new long[axes];
        for (var i = 0; i < axes; i++)
            rest[i] = input[2 + i] - ((upstream.Shape[2 + i] - 1) * window.Stride[i] + window.Extent(i) - window.PadBegin[i] - window.PadEnd[i]);
        return builder.Apply($"conv_transpose{axes}d", attributes.With(ConvTranspose.OutputPadding, rest), upstream, weight);
    }

    /// <summary>The gradient of a bias per channel: the sum over all other axes.</summary>
    internal static Value BiasGradient(GradientContext context)
    {
        var shape = context.Upstream.Shape;
        var perChannel = GradientShapes.ReduceTo(context.Builder, context.Upstream, new Shape([1, shape[1], .. Enumerable.Repeat(1L, shape.Rank - 2)]));
        return Views.To(context.Builder, perChannel, [shape[1]]);
    }

    /// <summary>Refuses groups that do not divide channels and filters.</summary>
    internal static void CheckGroups(InferenceContext context, long channels, long filters)
    {
        var groups = context.Get(Groups);
        if (groups < 1 || channels % groups != 0 || filters % groups != 0)
            context.Fail("VKN2310", $"{groups} groups divide neither or only one of {channels} input channels and {filters} filters", "both must be multiples of groups");
    }

    private static Value Import(ImportNode node)
    {
        var rank = node.Input(1).Shape.Rank;
        if (rank is < 3 or > 5) node.Fail("VKN3210", $"a convolution over {rank - 2} spatial axes is not known", "1, 2 and 3 are");
        return node.Emit($"conv{rank - 2}d", ConvolutionTexts.FromOnnx(node, rank - 2).With(Groups, node.Integer("group", 1)), node.Input(0), node.Input(1), node.HasInput(2) ? node.Input(2) : null);
    }
}
