using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>
/// Unfolds pictures for a deformable convolution: every tap of every window reads, by linear interpolation, where its own offset says, and may be
/// weighted by a mask. <c>deform_conv2d</c> is made of it.
/// </summary>
public sealed class DeformIm2Col : Operator, ILowering
{
    /// <inheritdoc/>
    public override string Name => "deform_im2col2d";

    /// <inheritdoc/>
    public override string Summary => "Windows as columns, each tap read where its own offset says.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, H, W]"), new("offsets", "[N, offset groups * taps * 2, H', W'], y before x"),
        new("mask", "[N, offset groups * taps, H', W']") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Dilation, WindowAttributes.Padding, WindowAttributes.AutoPadding, DeformConv.OffsetGroups];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        return [Gradient(0, "input"), Gradient(1, "offsets"), .. context.Node.OperatorInputCount > 2 ? (Value?[])[Gradient(2, "mask")] : []];

        Value? Gradient(int input, string target) => !context.Needed[input] || context.Node.Inputs[input] is null ? null
            : context.Builder.Apply("deform_im2col2d_gradient", context.Node.Attributes.With(DeformIm2ColGradient.Target, target), context.Upstream, context.Input(0), context.Input(1),
                context.Node.OperatorInputCount > 2 ? context.Node.Inputs[2] : null);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 4, 5, 7), Reals(2, 2 * 6 * 2, 4, 3), Reals(2, 2 * 6, 4, 3)).With(WindowAttributes.Kernel, [2, 3]).With(WindowAttributes.Stride, [1, 2]).With(DeformConv.OffsetGroups, 2),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, shape, offsets) = (context.RequireFloat(0), context.RequireRank(0, 4), context.RequireRank(1, 4));
        var groups = context.Get(DeformConv.OffsetGroups);
        var kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, context.Get(WindowAttributes.Kernel) ?? [1], 2, (code, message, help) => context.Fail(code, message, help));
        var window = SpatialWindow.Of(context, 2, kernel, shape.AsSpan()[2..]);
        var counts = window.OutputSizes(context, shape);
        if (groups < 1 || shape[1] % groups != 0) context.Fail("VKN2336", $"{groups} groups of offsets do not divide {shape[1]} channels");
        if (offsets != new Shape(shape[0], checked(groups * window.Taps * 2), counts[0], counts[1]))
            context.Fail("VKN2336", $"the offsets are {context.Input(1)}, but [{shape[0]}, {groups * window.Taps * 2}, {counts[0]}, {counts[1]}] is needed", "two numbers for each tap of each window and each group");
        if (context.Has(2) && context.ShapeOf(2) != new Shape(shape[0], groups * window.Taps, counts[0], counts[1]))
            context.Fail("VKN2336", $"the mask is {context.Input(2)}, but [{shape[0]}, {groups * window.Taps}, {counts[0]}, {counts[1]}] is needed", "one number for each tap of each window and each group");
        return [type with { Shape = new Shape(shape[0], checked(shape[1] * window.Taps), checked(counts[0] * counts[1])) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (shape, offsetShape, result) = (context.ShapeOf(0), context.ShapeOf(1), new double[context.Output(0).Shape.ElementCount]);
        var (input, offsets, mask) = (context.Reals(0), context.Reals(1), context.Has(2) ? context.Reals(2) : null);
        var (window, groups) = (WindowOf(context.Attributes, shape), context.Get(DeformConv.OffsetGroups));
        var (positions, perGroup) = (offsetShape[2] * offsetShape[3], shape[1] / groups);
        for (var i = 0L; i < result.Length; i++)
        {
            var (o, k, plane) = (i % positions, i / positions % window.Taps, i / positions / window.Taps);
            var own = (plane / shape[1] * groups + plane % shape[1] / perGroup) * window.Taps + k;
            var y = o / offsetShape[3] * window.Stride[0] - window.PadBegin[0] + k / window.Kernel[1] * window.Dilation[0] + offsets[2 * own * positions + o];
            var x = o % offsetShape[3] * window.Stride[1] - window.PadBegin[1] + k % window.Kernel[1] * window.Dilation[1] + offsets[(2 * own + 1) * positions + o];
            if (!(y > -1 && x > -1 && y < shape[2] && x < shape[3])) continue;
            var (top, left) = ((long)Math.Floor(y), (long)Math.Floor(x));
            var (v, u) = (y - top, x - left);
            result[i] = ((1 - v) * ((1 - u) * At(top, left) + u * At(top, left + 1)) + v * ((1 - u) * At(top + 1, left) + u * At(top + 1, left + 1))) * (mask?[own * positions + o] ?? 1);

            double At(long row, long column) => row >= 0 && column >= 0 && row < shape[2] && column < shape[3] ? input[(plane * shape[2] + row) * shape[3] + column] : 0;
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, offsets, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var window = WindowOf(context.Node.Attributes, input.Shape);
        context.Dispatch(context.Choose(ConvolutionDeformIm2col.Family.Variants, input, offsets))
            .Parameters(checked(new ConvolutionDeformIm2col.Parameters
            {
                Count = (int)output.Shape.ElementCount, Channels = (int)input.Shape[1], Groups = (int)context.Get(DeformConv.OffsetGroups), Height = (int)input.Shape[2], Width = (int)input.Shape[3],
                OutputHeight = (int)offsets.Shape[2], OutputWidth = (int)offsets.Shape[3], KernelHeight = (int)window.Kernel[0], KernelWidth = (int)window.Kernel[1],
                StrideHeight = (int)window.Stride[0], StrideWidth = (int)window.Stride[1], DilationHeight = (int)window.Dilation[0], DilationWidth = (int)window.Dilation[1],
                PadHeight = (int)window.PadBegin[0], PadWidth = (int)window.PadBegin[1],
            }))
            .Constant(ConvolutionDeformIm2col.Constants.Masked, context.Has(2) ? 1 : 0)
            .Bind(ConvolutionDeformIm2col.Bindings.Source, input)
            .Bind(ConvolutionDeformIm2col.Bindings.Offsets, offsets)
            .Bind(ConvolutionDeformIm2col.Bindings.Mask, context.Has(2) ? context.Input(2) : offsets)
            .Bind(ConvolutionDeformIm2col.Bindings.Result, output)
            .Cost(20.0 * output.Shape.ElementCount, (double)input.Bytes + offsets.Bytes + output.Bytes)
            .RunLinear(output.Shape.ElementCount, 64);
    }

    /// <summary>The window of a node that has been checked.</summary>
    internal static SpatialWindow WindowOf(AttributeSet attributes, Shape input)
    {
        var kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, attributes.Get(WindowAttributes.Kernel) ?? [1], 2, (_, message, _) => throw new InvalidOperationException(message));
        return SpatialWindow.Of(attributes, 2, kernel, input.AsSpan()[2..]);
    }
}
