using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;

namespace VkNet.Operators.Convolution;

/// <content>How a transposed convolution runs: channels-last gathered by phases, or tap by tap where it is depthwise; dense as a matrix product folded back (col2im).</content>
public sealed partial class ConvTranspose : ILowering, IChannelLinear
{
    /// <inheritdoc/>
    public bool IsChannelLinear(Node node) => node.Get(Conv.Groups) == 1;

    /// <inheritdoc/>
    public IReadOnlyList<Value?> Absorb(Node node, IReadOnlyList<Value?> inputs, Value scale, Value shift, NodeEmitter emit) => ChannelScaling.Absorb(inputs, 1, scale, shift, emit);

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public (int Steps, int Operands) EpilogueCost(Node node) => node.OperatorInputCount > 2 && node.Inputs[2] is not null ? (1, 1) : (0, 0);

    /// <inheritdoc/>
    public bool WritesParts(Node node) => true;

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => GeometryOf(node).Layouts(profile, Shaders.Kernels.ConvolutionTransposed.Family, depthwiseToo: true);

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => ChannelEpilogue.InputLayout(node, input, layout);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var output = context.Output(0);
        if (output.Shape.ElementCount == 0) return;
        var (program, operands) = BiasEpilogue.Of(context, context.Has(2) ? context.Input(2) : null, ChannelEpilogue.PerChannel(context.Node.Outputs[0]), ChannelEpilogue.Operands(context));
        var call = new ConvolutionCall(context, GeometryOf(context.Node), context.Input(0), context.Input(1), output, program, operands, Cost(context.Node));
        if (output.Layout == Graphs.Layout.ChannelsLast && call.Geometry.IsDepthwise) ChannelsLastConvolution.DepthwiseTransposed(call);
        else if (output.Layout == Graphs.Layout.ChannelsLast) ChannelsLastConvolution.Transposed(call);
        else DenseConvolution.Transposed(call);
    }

    private static ConvolutionGeometry GeometryOf(Node node) =>
        ConvolutionGeometry.Of(WindowOf(node), node.Outputs[0].Shape, node.Inputs[0]!.Shape, node.Get(Conv.Groups));
}
