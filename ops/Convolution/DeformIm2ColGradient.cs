using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>
/// The gradient of <c>deform_im2col2d</c> in its input, its offsets or its mask. That of the input is scattered; one invocation owns a channel,
/// so that sums have a fixed order. Gradient rules emit it.
/// </summary>
public sealed class DeformIm2ColGradient : Operator, ILowering
{
    /// <summary>Which gradient.</summary>
    public static AttributeDefinition<string> Target { get; } = new("target", "Which gradient.", "input") { Choices = ["input", "offsets", "mask"] };

    /// <inheritdoc/>
    public override string Name => "deform_im2col2d_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of deform_im2col2d in its input, its offsets or its mask.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("upstream", "[N, C * taps, H' W'], the gradient of the columns"), new("input", "[N, C, H, W]"), new("offsets", "[N, offset groups * taps * 2, H', W'], y before x"),
        new("mask", "[N, offset groups * taps, H', W']") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [Target, WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Dilation, WindowAttributes.Padding, WindowAttributes.AutoPadding, DeformConv.OffsetGroups];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        .. Target.Choices.Select(target => new OperatorSample(Reals(2, 4 * 6, 12), Reals(2, 4, 5, 7), Reals(2, 2 * 6 * 2, 4, 3), Reals(2, 2 * 6, 4, 3))
            .With(Target, target).With(WindowAttributes.Kernel, [2, 3]).With(WindowAttributes.Stride, [1, 2]).With(DeformConv.OffsetGroups, 2)),
        .. Target.Choices.Take(2).Select(target => new OperatorSample(Reals(1, 3 * 4, 30), Reals(1, 3, 4, 5), RealsWithin(-3, 3, 1, 4 * 2, 5, 6))
            .With(Target, target).With(WindowAttributes.Kernel, [2, 2]).With(WindowAttributes.Padding, [1])),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var input = context.Get(Target) switch { "input" => 1, "offsets" => 2, _ => 3 };
        if (!context.Has(input)) context.Fail("VKN2336", "the gradient of a mask is wanted, but there is none");
        return [context.Input(input)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (shape, offsetShape, result) = (context.ShapeOf(1), context.ShapeOf(2), new double[context.Output(0).Shape.ElementCount]);
        var (upstream, input, offsets, mask) = (context.Reals(0), context.Reals(1), context.Reals(2), context.Has(3) ? context.Reals(3) : null);
        var (window, groups, target) = (DeformIm2Col.WindowOf(context.Attributes, shape), context.Get(DeformConv.OffsetGroups), context.Get(Target));
        var (positions, perGroup) = (offsetShape[2] * offsetShape[3], shape[1] / groups);
        for (var i = 0L; i < upstream.Length; i++)
        {
            var (o, k, plane) = (i % positions, i / positions % window.Taps, i / positions / window.Taps);
            var own = (plane / shape[1] * groups + plane % shape[1] / perGroup) * window.Taps + k;
            var y = o / offsetShape[3] * window.Stride[0] - window.PadBegin[0] + k / window.Kernel[1] * window.Dilation[0] + offsets[2 * own * positions + o];
            var x = o % offsetShape[3] * window.Stride[1] - window.PadBegin[1] + k % window.Kernel[1] * window.Dilation[1] + offsets[(2 * own + 1) * positions + o];
            if (!(y > -1 && x > -1 && y < shape[2] && x < shape[3])) continue;
            var (top, left) = ((long)Math.Floor(y), (long)Math.Floor(x));
            var (v, u, factor) = (y - top, x - left, mask?[own * positions + o] ?? 1);
            for (var corner = 0; corner < 4; corner++)
            {
                var (row, column) = (top + corner / 2, left + corner % 2);
                if (row < 0 || column < 0 || row >= shape[2] || column >= shape[3]) continue;
                var place = (plane * shape[2] + row) * shape[3] + column;
                var (down, across) = (corner / 2 == 0 ? 1 - v : v, corner % 2 == 0 ? 1 - u : u);
                switch (target)
                {
                    case "input":
                        result[place] += upstream[i] * factor * down * across;
                        break;
                    case "offsets":
                        result[2 * own * positions + o] += upstream[i] * factor * input[place] * (corner / 2 == 0 ? -across : across);
                        result[(2 * own + 1) * positions + o] += upstream[i] * factor * input[place] * (corner % 2 == 0 ? -down : down);
                        break;
                    default:
                        result[own * positions + o] += upstream[i] * input[place] * down * across;
                        break;
                }
            }
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (upstream, input, offsets, output) = (context.Input(0), context.Input(1), context.Input(2), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var (window, groups, target) = (DeformIm2Col.WindowOf(context.Node.Attributes, input.Shape), context.Get(DeformConv.OffsetGroups), context.Get(Target));
        // A channel of a picture, or a tap of a window in a group of channels.
        var items = checked(input.Shape[0] * (target == "input" ? input.Shape[1] : groups * window.Taps * offsets.Shape[2] * offsets.Shape[3]));
        context.Dispatch(context.Choose(ConvolutionDeformGradient.Family.Variants, upstream, input, offsets))
            .Parameters(checked(new ConvolutionDeformGradient.Parameters
            {
                Items = (int)items, Channels = (int)input.Shape[1], Groups = (int)groups, Height = (int)input.Shape[2], Width = (int)input.Shape[3],
                OutputHeight = (int)offsets.Shape[2], OutputWidth = (int)offsets.Shape[3], KernelHeight = (int)window.Kernel[0], KernelWidth = (int)window.Kernel[1],
                StrideHeight = (int)window.Stride[0], StrideWidth = (int)window.Stride[1], DilationHeight = (int)window.Dilation[0], DilationWidth = (int)window.Dilation[1],
                PadHeight = (int)window.PadBegin[0], PadWidth = (int)window.PadBegin[1],
            }))
            .Constant(ConvolutionDeformGradient.Constants.Masked, context.Has(3) ? 1 : 0)
            .Constant(ConvolutionDeformGradient.Constants.Target, Target.Choices.ToList().IndexOf(target))
            .Bind(ConvolutionDeformGradient.Bindings.Upstream, upstream)
            .Bind(ConvolutionDeformGradient.Bindings.Source, input)
            .Bind(ConvolutionDeformGradient.Bindings.Offsets, offsets)
            .Bind(ConvolutionDeformGradient.Bindings.Mask, context.Has(3) ? context.Input(3) : offsets)
            .Bind(ConvolutionDeformGradient.Bindings.Result, output)
            .Cost(30.0 * upstream.Shape.ElementCount, (double)upstream.Bytes + input.Bytes + offsets.Bytes + output.Bytes)
            .RunLinear(items, 64);
    }
}
