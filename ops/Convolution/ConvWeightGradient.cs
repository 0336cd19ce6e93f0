using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>
/// The gradient of a convolution in its weight: dw[o, c, k] = sum over n, p of x[n, c, p * stride - padding + k * dilation] * g[n, o, p].
/// On request also that in its bias, db[o] = sum over n, p of g[n, o, p]: whoever multiplies by g has it at hand. Gradient rules emit it.
/// </summary>
public sealed partial class ConvWeightGradient : Operator
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public ConvWeightGradient(int axes)
    {
        _axes = axes;
        Inputs = [new("input", $"[N, C, {ConvolutionTexts.Axes(axes)}], the convolution's input"), new("upstream", "[N, filters, ...], the gradient of the convolution's output")];
    }

    /// <summary>Whether the gradient of the bias is an output too.</summary>
    public static AttributeDefinition<bool> WithBias { get; } = new("with_bias", "Whether the gradient of the bias is a second output.", false);

    /// <summary>Elements of the gradient that each element given stands for, where it is given before it is repeated.</summary>
    public static AttributeDefinition<long[]?> Repeat { get; } = new("repeat", "Elements that each element of the gradient given stands for along each spatial axis; set by fusion.") { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => $"conv{_axes}d_weight_gradient";

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["weight", "bias"];

    /// <inheritdoc/>
    public override string Summary => $"The gradient of conv{_axes}d in its weight: dw[o,c,k] = sum over n, p of x[n,c,p*stride-padding+k*dilation] * g[n,o,p].";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding, WindowAttributes.Dilation, Conv.Groups, WithBias, Repeat];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 2, 5, 9)), Reals(ConvolutionTexts.Sizes(_axes, 2, 7, 9))).With(WindowAttributes.Kernel, ConvolutionTexts.Sizes(_axes, 3)).With(WindowAttributes.Padding, [1]),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 6, 9)), Reals(ConvolutionTexts.Sizes(_axes, 1, 4, 4))).With(Conv.Groups, 2).With(WindowAttributes.Kernel, ConvolutionTexts.Sizes(_axes, 3)).With(WindowAttributes.Stride, [2]).With(WithBias, true),
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 5, 9)), Reals(ConvolutionTexts.Sizes(_axes, 1, 5, 7))).With(Conv.Groups, 5).With(WindowAttributes.Kernel, ConvolutionTexts.Sizes(_axes, 3)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var (input, upstream) = (context.RequireRank(0, 2 + _axes), Repeated(context.RequireRank(1, 2 + _axes), context.Attributes));
        var kernel = context.Get(WindowAttributes.Kernel)!;
        Conv.CheckGroups(context, input[1], upstream[1]);
        var window = SpatialWindow.Of(context, _axes, kernel, input.AsSpan()[2..]);
        if (input[0] != upstream[0] || !window.OutputSizes(context, input).AsSpan().SequenceEqual(upstream.AsSpan()[2..]))
            context.Fail("VKN2313", $"the gradient {upstream} is not of the shape that a convolution of {input} with kernel [{string.Join(", ", kernel)}] has");
        var weight = new TensorType(type.DataType, new Shape([upstream[1], input[1] / context.Get(Conv.Groups), .. kernel]));
        return context.Get(WithBias) ? [weight, new TensorType(type.DataType, [upstream[1]])] : [weight];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        if (context.Get(Repeat) is not null) throw new NotSupportedException("only passes repeat the gradient, and what they make is not evaluated on the host");
        var (input, upstream) = (context.ShapeOf(0), context.ShapeOf(1));
        var window = SpatialWindow.Of(context.Attributes, _axes, context.Get(WindowAttributes.Kernel)!, input.AsSpan()[2..]);
        var geometry = new HostConvolution(window, input[0], input[1], SpatialWindow.ThreeAxes(input), upstream[1], SpatialWindow.ThreeAxes(upstream), context.Get(Conv.Groups));
        var gradient = context.Reals(1);
        context.SetReals(0, geometry.Weight(context.Reals(0), gradient));
        if (!context.Get(WithBias)) return;
        var biases = new double[upstream[1]];
        var positions = upstream.Product(2, upstream.Rank);
        for (var i = 0L; i < gradient.Length; i++) biases[i / positions % upstream[1]] += gradient[i];
        context.SetReals(1, biases);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var (upstream, weight) = (Repeated(node.Inputs[1]!.Shape, node.Attributes), node.Outputs[0].Shape);
        return new OperatorCost(2.0 * upstream.ElementCount * weight.Product(1, weight.Rank), base.Cost(node).Bytes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        // Linear in either input: the same three products in other roles.
        var (input, upstream) = (context.Input(0), context.Input(1));
        var node = context.Node;
        var window = SpatialWindow.Of(node.Attributes, _axes, node.Get(WindowAttributes.Kernel)!, input.Shape.AsSpan()[2..]);
        var attributes = ConvolutionTexts.Explicit(window, node.Get(Conv.Groups));
        var (ofWeight, ofBias) = (context.OutputGradients[0], context.OutputGradients.Count > 1 ? context.OutputGradients[1] : null);
        var builder = context.Builder;
        Value? inInput = null, inUpstream = null;
        if (context.Needed[0] && ofWeight is not null) inInput = Conv.DataGradient(builder, _axes, window, attributes, input.Shape, upstream, ofWeight);
        if (context.Needed[1] && ofWeight is not null) inUpstream = builder.Apply($"conv{_axes}d", attributes, input, ofWeight);
        if (context.Needed[1] && ofBias is not null)
        {
            var perChannel = Views.To(builder, ofBias, new Shape([1, upstream.Shape[1], .. Enumerable.Repeat(1L, _axes)]));
            var spread = builder.Apply("expand", AttributeSet.Empty.With(Layout.Expand.Shape, upstream.Shape.AsSpan().ToArray()), perChannel);
            inUpstream = inUpstream is null ? spread : builder.Apply("add", null, inUpstream, spread);
        }
        return [inInput, inUpstream];
    }

    /// <summary>The shape of the gradient when it has been repeated.</summary>
    private static Shape Repeated(Shape upstream, AttributeSet attributes) => attributes.Get(Repeat) is not { } factor ? upstream
        : new Shape([upstream[0], upstream[1], .. upstream.Skip(2).Zip(factor, (size, times) => checked(size * times))]);
}
