using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Convolution;

/// <content>How the weight gradient runs: channels-last as an implicit matrix product over all positions; dense unfolded, and by direct sums where that takes too much memory.</content>
public sealed partial class ConvWeightGradient : ILowering
{
    private const int TileQuads = 7;

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile)
    {
        var geometry = GeometryOf(node);
        return geometry.IsDepthwise ? LayoutChoice.Dense : geometry.Layouts(profile, Shaders.Kernels.ConvolutionWeightGradient.Family, depthwiseToo: false);
    }

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => layout;

    /// <summary>The gradient of a weight is dense like the weight, whatever the layout of the activations.</summary>
    public Graphs.Layout OutputLayout(Node node, int output, Graphs.Layout layout) => Graphs.Layout.Dense;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, upstream, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        if (input.Shape.ElementCount == 0 || upstream.Shape.ElementCount == 0)
        {
            context.Fill(output);
            return;
        }
        var geometry = GeometryOf(context.Node);
        if (input.Layout == Graphs.Layout.ChannelsLast) ChannelsLast(context, geometry, input, upstream, output);
        else if (!geometry.IsDepthwise && DenseConvolution.CanUnfoldWhole(context, geometry)) DenseConvolution.WeightGradient(context, geometry, input, upstream, output, Cost(context.Node));
        else Dense(context, geometry, input, upstream, output);
    }

    private void Dense(LoweringContext context, ConvolutionGeometry g, DeviceTensor input, DeviceTensor upstream, DeviceTensor output) =>
        context.Dispatch(context.Choose(ConvolutionWeightGradientDense.Family.Variants, input, upstream))
            .Parameters(new ConvolutionWeightGradientDense.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(g.WideSizes),
                OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes),
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                Batch = checked((int)g.Batch),
                Groups = checked((int)g.Groups),
                Filters = checked((int)g.NarrowChannels),
                Channels = checked((int)g.WideChannels),
            })
            .Bind(ConvolutionWeightGradientDense.Bindings.Source, input)
            .Bind(ConvolutionWeightGradientDense.Bindings.Upstream, upstream)
            .Bind(ConvolutionWeightGradientDense.Bindings.Result, output)
            .Cost(Cost(context.Node).Flops, Cost(context.Node).Bytes)
            .RunLinear(output.Shape.ElementCount, 64);

    private void ChannelsLast(LoweringContext context, ConvolutionGeometry g, DeviceTensor input, DeviceTensor upstream, DeviceTensor output)
    {
        var kernel = context.Choose(ConvolutionWeightGradient.Family.Variants, input, upstream);
        var lanes = kernel.Requirements.SubgroupSize!.Value;
        var channelTexels = ChannelsLastConvolution.Divide(g.WideChannels / g.Groups, 4);
        var tiles = ChannelsLastConvolution.Divide(g.Taps * channelTexels, TileQuads) * ChannelsLastConvolution.Divide(g.NarrowChannels / g.Groups, 4 * lanes) * g.Groups;
        context.Dispatch(kernel)
            .Parameters(new ConvolutionWeightGradient.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(g.WideSizes, ChannelsLastConvolution.Divide(g.WideChannels, 4)),
                OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes, ChannelsLastConvolution.Divide(g.NarrowChannels, 4)),
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel, channelTexels),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                Batch = checked((int)g.Batch),
                Groups = checked((int)g.Groups),
                Columns = checked((int)(g.NarrowChannels / g.Groups)),
                Channels = checked((int)(g.WideChannels / g.Groups)),
                Splits = 1,
            })
            .Bind(ConvolutionWeightGradient.Bindings.Source, input)
            .Bind(ConvolutionWeightGradient.Bindings.Upstream, upstream)
            .Bind(ConvolutionWeightGradient.Bindings.Result, output)
            .Cost(Cost(context.Node).Flops, Cost(context.Node).Bytes)
            .RunLinear(tiles, 1);
    }

    private ConvolutionGeometry GeometryOf(Node node)
    {
        var (input, upstream) = (node.Inputs[0]!.Shape, node.Inputs[1]!.Shape);
        var window = SpatialWindow.Of(node.Attributes, _axes, node.Get(WindowAttributes.Kernel)!, input.AsSpan()[2..]);
        return ConvolutionGeometry.Of(window, input, upstream, node.Get(Conv.Groups));
    }
}
