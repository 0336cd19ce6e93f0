using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;

namespace VkNet.Operators.Convolution;

/// <content>How a convolution runs: channels-last as an implicit matrix product or depthwise; dense unfolded (im2col) or, for 1x1, directly as a matrix product.</content>
public sealed partial class Conv : ILowering, IChannelLinear, ITunable
{
    /// <inheritdoc/>
    public bool IsChannelLinear(Node node) => true;

    /// <inheritdoc/>
    public IReadOnlyList<Value?> Absorb(Node node, IReadOnlyList<Value?> inputs, Value scale, Value shift, NodeEmitter emit) => ChannelScaling.Absorb(inputs, 0, scale, shift, emit);

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public (int Steps, int Operands) EpilogueCost(Node node) => node.OperatorInputCount > 2 && node.Inputs[2] is not null ? (1, 1) : (0, 0);

    /// <inheritdoc/>
    public bool WritesParts(Node node) => true;

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => GeometryOf(node).Layouts(profile, Shaders.Kernels.ConvolutionImplicit.Family, depthwiseToo: true);

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => ChannelEpilogue.InputLayout(node, input, layout);

    /// <inheritdoc/>
    public IEnumerable<string> Variants(Node node, DeviceProfile profile)
    {
        var geometry = GeometryOf(node);
        if (geometry.IsDepthwise || geometry.Layouts(profile, Shaders.Kernels.ConvolutionImplicit.Family, depthwiseToo: true) == LayoutChoice.Dense) return [];
        var kernels = profile.VariantsOf(Shaders.Kernels.ConvolutionImplicit.Family).Where(v => !v.Defines.ContainsKey("Half") && !v.Variant.EndsWith("_single", StringComparison.Ordinal))
            .Concat(PositionsConvolution.Variants(profile)).Select(v => v.Variant);
        return geometry.Window.Kernel.SequenceEqual([1, 3, 3]) ? kernels.Concat(Shaders.Kernels.ConvolutionWinogradInput.Family.Variants.Select(v => v.Variant)) : kernels;
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var output = context.Output(0);
        if (output.Shape.ElementCount == 0) return;
        var geometry = GeometryOf(context.Node);
        var (program, operands) = BiasEpilogue.Of(context, context.Has(2) ? context.Input(2) : null, ChannelEpilogue.PerChannel(context.Node.Outputs[0]), ChannelEpilogue.Operands(context));
        var call = new ConvolutionCall(context, geometry, context.Input(0), context.Input(1), output, program, operands, Cost(context.Node));
        if (output.Layout == Graphs.Layout.ChannelsLast)
        {
            if (geometry.IsDepthwise) ChannelsLastConvolution.Depthwise(call);
            else if (WinogradConvolution.For(call) is { } winograd) winograd.Lower();
            else if (UnfoldedConvolution.Suits(call)) UnfoldedConvolution.Lower(call);
            else ChannelsLastConvolution.Implicit(call);
        }
        else DenseConvolution.Forward(call);
    }

    private ConvolutionGeometry GeometryOf(Node node)
    {
        var (input, weight) = (node.Inputs[0]!.Shape, node.Inputs[1]!.Shape);
        var window = SpatialWindow.Of(node.Attributes, _axes, weight.AsSpan()[2..], input.AsSpan()[2..]);
        return ConvolutionGeometry.Of(window, input, node.Outputs[0].Shape, node.Get(Groups));
    }
}
