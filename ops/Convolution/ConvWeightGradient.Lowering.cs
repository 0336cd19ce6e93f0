using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Reduction;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using OperandMode = VkNet.Compilation.OperandMode;

namespace VkNet.Operators.Convolution;

/// <content>
/// How the weight gradient runs: channels-last as an implicit matrix product over all positions, with filters or taps along the lanes; dense
/// unfolded, and by direct sums where that takes too much memory.
/// </content>
public sealed partial class ConvWeightGradient : ILowering, IReadsThrough
{
    // Workgroups wanted at least: fewer leave threads of a CPU idle. Depth is split to get them, in parts of at least so many blocks.
    private const long EnoughWorkgroups = 16;
    private const long LeastBlocks = 16;

    // How often the gradient may be read by a kernel that computes it as it reads.
    private const long MostReadings = 2;

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile)
    {
        var geometry = GeometryOf(node);
        return geometry.IsDepthwise ? LayoutChoice.Dense : geometry.Layouts(profile, Shaders.Kernels.ConvolutionWeightGradient.Family, depthwiseToo: false);
    }

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => layout;

    /// <summary>The gradients of weight and bias are dense like these, whatever the layout of the activations.</summary>
    public Graphs.Layout OutputLayout(Node node, int output, Graphs.Layout layout) => Graphs.Layout.Dense;

    /// <summary>The gradient, for few filters: kernels for more read it once for every few taps.</summary>
    public int? ReadThroughInput(Node node, DeviceProfile profile)
    {
        var (input, upstream) = (node.Inputs[0]!, node.Inputs[1]!);
        if (input.Layout != Graphs.Layout.ChannelsLast || upstream.Layout != Graphs.Layout.ChannelsLast || input.Shape.ElementCount == 0 || upstream.Shape.ElementCount == 0) return null;
        var bytes = Math.Max(DeviceTensor.SizeOf(input.Type, input.Layout), DeviceTensor.SizeOf(upstream.Type, upstream.Layout));
        var lanes = profile.VariantsOf(ConvolutionWeightGradientRows.Family).Select(ConvolutionWeightGradientRows.Defines.Lanes).DefaultIfEmpty().Max();
        if (lanes == 0 || bytes / 16 > profile.MaxTexelBufferElements) return null;
        var tile = Tiles(profile, GeometryOf(node), lanes, node.Get(WithBias)).MinBy(t => t.Work)!;
        return IsRows(tile) && ChannelsLastConvolution.Divide(tile.Texels, tile.TileTexels) <= MostReadings ? 1 : null;
    }

    /// <inheritdoc/>
    public AttributeSet WithRepeated(Node node, IReadOnlyList<long> factor) => node.Attributes.With(Repeat, [.. factor]);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, upstream, output) = (context.Input(0), context.Input(1), context.Output(0));
        var biases = context.Get(WithBias) ? context.Output(1) : null;
        if (input.Shape.ElementCount == 0 || upstream.Shape.ElementCount == 0 || output.Shape.ElementCount == 0)
        {
            if (output.Shape.ElementCount > 0) context.Fill(output);
            if (biases is not null) SumUpstream(context, upstream, biases);
            return;
        }
        var geometry = GeometryOf(context.Node);
        if (input.Layout == Graphs.Layout.ChannelsLast)
        {
            ChannelsLast(context, geometry, input, upstream, output, biases);
            return;
        }
        if (biases is not null) SumUpstream(context, upstream, biases);
        if (!geometry.IsDepthwise && DenseConvolution.CanUnfoldWhole(context, geometry)) DenseConvolution.WeightGradient(context, geometry, input, upstream, output, Cost(context.Node));
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

    private static void SumUpstream(LoweringContext context, DeviceTensor upstream, DeviceTensor biases)
    {
        if (biases.Shape.ElementCount > 0) ReductionLowering.Sum(context, upstream, biases, [.. Enumerable.Range(0, upstream.Shape.Rank).Select(axis => axis != 1)]);
    }

    private void ChannelsLast(LoweringContext context, ConvolutionGeometry g, DeviceTensor input, DeviceTensor upstream, DeviceTensor output, DeviceTensor? biases)
    {
        var tile = TileOf(context, g, input, upstream, biases is not null);
        var blocks = ChannelsLastConvolution.Divide(g.Batch * g.NarrowPositions, tile.Lanes);
        var splits = Math.Max(1, Math.Min(EnoughWorkgroups / tile.Workgroups, blocks / LeastBlocks));
        var weights = splits > 1 ? context.Workspace("parts of the weights", TensorType.Float(splits, output.Shape.ElementCount)) : output;
        var sums = splits > 1 && biases is not null ? context.Workspace("parts of the biases", TensorType.Float(splits, biases.Shape.ElementCount)) : biases ?? output;
        var factor = context.Get(Repeat) ?? [.. Enumerable.Repeat(1L, _axes)];
        var given = SpatialWindow.ThreeAxes(upstream.Shape);
        var call = context.Dispatch(tile.Kernel)
            .Parameters(checked(new WeightGradientParameters
            {
                Repeat = ConvolutionGeometry.Pack([.. Enumerable.Repeat(1L, 3 - _axes), .. factor]),
                GivenSizes = ConvolutionGeometry.Pack(given),
                InputSizes = ConvolutionGeometry.Pack(g.WideSizes, ChannelsLastConvolution.Divide(g.WideChannels, 4)),
                OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes, ChannelsLastConvolution.Divide(g.NarrowChannels, 4)),
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel, ChannelsLastConvolution.Texels(g.WideChannels / g.Groups)),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                Batch = (int)g.Batch,
                Groups = (int)g.Groups,
                Columns = (int)(g.NarrowChannels / g.Groups),
                Channels = (int)(g.WideChannels / g.Groups),
                Splits = (int)splits,
            }))
            .Bind(ConvolutionWeightGradient.Bindings.Source, input)
            .Bind(ConvolutionWeightGradient.Bindings.Upstream, upstream)
            .Bind(ConvolutionWeightGradient.Bindings.Result, weights)
            .Bind(ConvolutionWeightGradient.Bindings.Biases, sums)
            .Constant(ConvolutionWeightGradient.Constants.WithBias, biases is null ? 0 : 1)
            .Constant(ConvolutionWeightGradient.Constants.Channels, Math.Min(g.WideChannels, 4))
            .Cost(Cost(context.Node).Flops, Cost(context.Node).Bytes);
        if (IsRows(tile))
        {
            call.Constant(ConvolutionWeightGradientRows.Constants.Repeated, context.Get(Repeat) is null ? 0 : 1).Constant(ConvolutionWeightGradientRows.Constants.Aligned, 1);
            call.Epilogue(context.Prologue, [.. Enumerable.Range(0, context.Prologue?.OperandCount ?? 0).Select(context.EpilogueInput).Select(t => new EpilogueOperand(t, t.Shape.ElementCount == 1 ? OperandMode.Scalar : OperandMode.Full))]);
        }
        call.RunLinear(tile.Workgroups * splits, 1);
        if (splits == 1) return;
        if (biases is null) ReductionLowering.SumRows(context, weights, output, splits);
        else ReductionLowering.SumRows(context, (weights, output, splits), (sums, biases, splits));
    }

    // The variant that wastes least at the edges for its speed, or the one asked for.
    private static Tile TileOf(LoweringContext context, ConvolutionGeometry g, DeviceTensor input, DeviceTensor upstream, bool withBias)
    {
        var lanes = ConvolutionWeightGradient.Defines.Lanes(context.Choose(ConvolutionWeightGradient.Family.Variants, input, upstream));
        var possible = Tiles(context.Profile, g, lanes, withBias).Where(t => context.Prologue is null || IsRows(t)).ToList();
        return possible.Find(t => t.Kernel.Variant == context.Variant) ?? possible.MinBy(t => t.Work)!;
    }

    private static IEnumerable<Tile> Tiles(DeviceProfile profile, ConvolutionGeometry g, int lanes, bool withBias)
    {
        var texels = g.Taps * ChannelsLastConvolution.Divide(g.WideChannels / g.Groups, 4) + (withBias ? 1 : 0);
        var filters = g.NarrowChannels / g.Groups;
        return profile.VariantsOf(ConvolutionWeightGradient.Family).Where(v => ConvolutionWeightGradient.Defines.Lanes(v) == lanes)
            .Select(v => new Tile(v, lanes, texels, ConvolutionWeightGradient.Defines.Quads(v), filters, 4 * lanes, 100, g.Groups))
            .Concat(profile.VariantsOf(ConvolutionWeightGradientRows.Family).Where(v => ConvolutionWeightGradientRows.Defines.Lanes(v) == lanes)
                .Select(v => new Tile(v, lanes, texels, lanes, filters, ConvolutionWeightGradientRows.Defines.Rows(v), ConvolutionWeightGradientRows.Defines.Speed(v), g.Groups)));
    }

    // Whether filters are the rows; such a kernel reads the gradient through a program.
    private static bool IsRows(Tile tile) => tile.Kernel.Name == ConvolutionWeightGradientRows.Family.Name;

    // A kernel whose tile is so many texels of weights by so many filters.
    private sealed record Tile(Shaders.KernelDescriptor Kernel, int Lanes, long Texels, int TileTexels, long Filters, int TileFilters, int Speed, long Groups)
    {
        public long Workgroups => ChannelsLastConvolution.Divide(Texels, TileTexels) * ChannelsLastConvolution.Divide(Filters, TileFilters) * Groups;

        public double Work => 100.0 / Speed * Workgroups * TileTexels * TileFilters;
    }

    private ConvolutionGeometry GeometryOf(Node node)
    {
        var (input, upstream) = (node.Inputs[0]!.Shape, Repeated(node.Inputs[1]!.Shape, node.Attributes));
        var window = SpatialWindow.Of(node.Attributes, _axes, node.Get(WindowAttributes.Kernel)!, input.AsSpan()[2..]);
        return ConvolutionGeometry.Of(window, input, upstream, node.Get(Conv.Groups));
    }
}
