using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>
/// Transposed convolution over one, two or three spatial axes: the adjoint of the convolution with the same weight, stride, padding and dilation.
/// Every input element adds its filter, scaled, to the output; size = stride * (input - 1) + output_padding + extent of the kernel - padding.
/// </summary>
public sealed partial class ConvTranspose : Operator, IImportable, IExportable
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public ConvTranspose(int axes)
    {
        _axes = axes;
        Inputs =
        [
            new("input", $"[N, C, {ConvolutionTexts.Axes(axes)}]"),
            new("weight", $"[C, filters / groups, {ConvolutionTexts.Kernel(axes)}]") { IsParameter = true },
            new("bias", "[filters]") { Optional = true, IsParameter = true },
        ];
        ImportRules = axes == 2 ? [ImportRule.Single("ConvTranspose", 1, Import)] : [];
    }

    /// <summary>Elements added at the end of the output.</summary>
    public static AttributeDefinition<long[]> OutputPadding { get; } = new("output_padding", "Elements added at the end of each output axis, to choose among the sizes that a strided convolution maps to one.", [0]) { Minimum = 0, ScalarAllowed = true };

    /// <summary>Sizes of the output's spatial axes.</summary>
    public static AttributeDefinition<long[]?> OutputShape { get; } = new("output_shape", "Sizes of the output's spatial axes; the padding is found from them.") { Minimum = 1, ScalarAllowed = true };

    /// <inheritdoc/>
    public override string Name => $"conv_transpose{_axes}d";

    /// <inheritdoc/>
    public override string Summary => $"Transposed convolution over {_axes} spatial {(_axes == 1 ? "axis" : "axes")}, the adjoint of conv{_axes}d: size = stride * (input - 1) + output_padding + dilation * (kernel - 1) + 1 - padding.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [Conv.Filters, WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding, WindowAttributes.AutoPadding, WindowAttributes.Dilation, OutputPadding, OutputShape, Conv.Groups, Conv.HasBias];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        var input = context.RequireRank(0, 2 + _axes);
        var groups = context.Get(Conv.Groups);
        var hasWeight = context.Has(1);
        var filters = hasWeight ? checked(context.RequireRank(1, 2 + _axes)[1] * groups) : context.Get(Conv.Filters);
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
            Conv.CheckGroups(context, input[1], filters);
            declarations.Add(new("weight", TensorType.Float([input[1], filters / groups, .. kernel]), new ParameterOptions { Initializer = "he" }));
        }
        if (!context.Has(2) && (context.Attributes.Has(Conv.HasBias) ? context.Get(Conv.HasBias) : !hasWeight))
            declarations.Add(new("bias", TensorType.Float(filters), new ParameterOptions()));
        return declarations;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(ConvolutionTexts.Sizes(_axes, 2, 5, 5)), Reals(ConvolutionTexts.Sizes(_axes, 5, 7, 3)), Reals(7)),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 6, 5)), Reals(ConvolutionTexts.Sizes(_axes, 6, 2, 3))).With(Conv.Groups, 2).With(WindowAttributes.Stride, [2]).With(WindowAttributes.Padding, [1]).With(OutputPadding, [1]),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 5, 5)), Reals(ConvolutionTexts.Sizes(_axes, 5, 1, 4))).With(Conv.Groups, 5).With(WindowAttributes.Stride, [2]).With(WindowAttributes.Dilation, [2]),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        List<(string, object)> attributes = [.. ConvolutionTexts.ToOnnx(node, _axes, node.ShapeOf(1).AsSpan()[2..].ToArray()), ("group", node.Get(Conv.Groups))];
        attributes.Add(("output_padding", SpatialWindow.PerAxis(OutputPadding, node.Get(OutputPadding)!, _axes, (_, message, _) => node.Refuse(message))));
        if (node.Get(OutputShape) is { } sizes) attributes.Add(("output_shape", SpatialWindow.PerAxis(OutputShape!, sizes, _axes, (_, message, _) => node.Refuse(message))));
        node.Result("ConvTranspose", node.Inputs, [.. attributes]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var (input, weight) = (context.RequireRank(0, 2 + _axes), context.RequireRank(1, 2 + _axes));
        var groups = context.Get(Conv.Groups);
        var filters = checked(weight[1] * groups);
        Conv.CheckGroups(context, input[1], filters);
        if (weight[0] != input[1])
            context.Fail("VKN2307", $"the filters {weight} take {weight[0]} channels, but the input {input} has {input[1]}", "weight: [C, filters / groups, kernel...]");
        if (context.Attributes.Has(Conv.Filters) && context.Get(Conv.Filters) != filters)
            context.Fail("VKN2308", $"'filters' is {context.Get(Conv.Filters)}, but weight {weight} in {groups} groups makes {filters}");
        ConvolutionTexts.CheckKernel(context, weight);
        if (context.Has(2) && context.ShapeOf(2) is var bias && (bias.Rank != 1 || bias[0] != filters))
            context.Fail("VKN2309", $"the bias has shape {bias}, but there are {filters} filters", "bias: [filters]");
        var (_, sizes) = Resolve(context.Attributes, weight, input, (code, message, help) => context.Fail(code, message, help));
        return [new TensorType(type.DataType, new Shape([input[0], filters, .. sizes]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (input, weight, output) = (context.ShapeOf(0), context.ShapeOf(1), context.Output(0).Shape);
        var (window, _) = Resolve(context.Attributes, weight, input, (_, message, _) => throw new InvalidOperationException(message));
        var adjoint = new HostConvolution(window, output[0], output[1], SpatialWindow.ThreeAxes(output), input[1], SpatialWindow.ThreeAxes(input), context.Get(Conv.Groups));
        context.SetReals(0, adjoint.Backward(context.Reals(0), context.Reals(1), context.Has(2) ? context.Reals(2) : null));
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var (input, weight) = (node.Inputs[0]!.Shape, node.Inputs[1]!.Shape);
        return new OperatorCost(2.0 * input.ElementCount * weight.Product(1, weight.Rank), base.Cost(node).Bytes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (input, weight, upstream) = (context.Input(0), context.Input(1), context.Upstream);
        var attributes = ConvolutionTexts.Explicit(WindowOf(context.Node), context.Node.Get(Conv.Groups));
        var result = new Value?[context.Node.OperatorInputCount];
        if (context.Needed[0]) result[0] = context.Builder.Apply($"conv{_axes}d", attributes, upstream, weight);
        if (context.Needed[1])
            result[1] = context.Builder.Apply($"conv{_axes}d_weight_gradient", attributes.With(WindowAttributes.Kernel, weight.Shape.AsSpan()[2..].ToArray()), upstream, input);
        if (result.Length > 2 && context.Needed[2]) result[2] = Conv.BiasGradient(context);
        return result;
    }

    /// <summary>The window of the convolution that this node is the adjoint of.</summary>
    internal static SpatialWindow WindowOf(Node node) =>
        Resolve(node.Attributes, node.Inputs[1]!.Shape, node.Inputs[0]!.Shape, (_, message, _) => throw new InvalidOperationException(message)).Window;

    // The window of the convolution whose adjoint this is: its input is our output. What output_padding or output_shape add at the
    // end is padding that the convolution cuts off.
    private static (SpatialWindow Window, long[] Sizes) Resolve(AttributeSet attributes, Shape weight, Shape input, SpatialWindow.Refusal refuse)
    {
        var axes = weight.Rank - 2;
        var automatic = attributes.Get(WindowAttributes.AutoPadding);
        var same = automatic is "same" or "same_lower";
        var plain = same ? attributes.With(WindowAttributes.AutoPadding, "valid") : attributes;
        var window = SpatialWindow.Read(plain, axes, weight.AsSpan()[2..], input.AsSpan()[2..], refuse);
        var extra = SpatialWindow.PerAxis(OutputPadding, attributes.Get(OutputPadding), axes, refuse);
        var wanted = attributes.Get(OutputShape) is { } shape ? SpatialWindow.PerAxis(OutputShape!, shape, axes, refuse) : null;
        var sizes = new long[axes];
        for (var i = 0; i < axes; i++)
        {
            var size = input[2 + i];
            var full = size == 0 ? 0 : checked(window.Stride[i] * (size - 1) + window.Extent(i));
            if (wanted is not null || same)
            {
                sizes[i] = wanted is null ? checked(size * window.Stride[i]) : wanted[i];
                var total = Math.Max(0, full + extra[i] - sizes[i]);
                window.PadBegin[i] = automatic == "same" ? total / 2 : total - total / 2;
            }
            else sizes[i] = full + extra[i] - window.PadBegin[i] - window.PadEnd[i];
            if (sizes[i] < 0 || (size == 0 && sizes[i] != 0))
                refuse("VKN2312", $"spatial axis {i} of {input} would become {sizes[i]} elements: stride {window.Stride[i]} * ({size} - 1) + {extra[i]} + {window.Extent(i)} - {window.PadBegin[i]} - {window.PadEnd[i]}", "size = stride * (input - 1) + output_padding + dilation * (kernel - 1) + 1 - padding");
            window.PadEnd[i] = full - window.PadBegin[i] - sizes[i];
        }
        return (window, sizes);
    }

    private static Value Import(ImportNode node)
    {
        var rank = node.Input(1).Shape.Rank;
        if (rank is < 3 or > 5) node.Fail("VKN3210", $"a transposed convolution over {rank - 2} spatial axes is not known", "1, 2 and 3 are");
        var attributes = ConvolutionTexts.FromOnnx(node, rank - 2).With(Conv.Groups, node.Integer("group", 1));
        if (node.Integers("output_padding") is { Length: > 0 } extra) attributes = attributes.With(OutputPadding, extra);
        if (node.Integers("output_shape") is { Length: > 0 } sizes) attributes = attributes.With(OutputShape, sizes[^(rank - 2)..]);
        return node.Emit($"conv_transpose{rank - 2}d", attributes, node.Input(0), node.Input(1), node.HasInput(2) ? node.Input(2) : null);
    }
}
