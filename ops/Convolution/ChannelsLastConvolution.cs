using System.Numerics;
using VkNet.Compilation;
using VkNet.Operators.Gemm;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>Calls of the channels-last convolution kernels.</summary>
internal static class ChannelsLastConvolution
{
    // Positions of a tile of convolution/transposed.
    private const int TransposedTileRows = 28;

    /// <summary>
    /// The work of a convolution as an implicit matrix product by the better of the two kernels: multiply-adds, idle rows and lanes included,
    /// in units of what the fastest tile of gemm/packed takes for one.
    /// </summary>
    internal static double ImplicitWork(ConvolutionCall call)
    {
        var g = call.Geometry;
        var area = Math.Min(FiltersWork(call), PositionsConvolution.For(call)?.Work ?? double.PositiveInfinity);
        return area * (g.Taps * 4 * Texels(g.WideChannels / g.Groups) + PackedTiles.StoreDepth);
    }

    /// <summary>Convolution as an implicit matrix product, with filters or with positions along the lanes.</summary>
    internal static void Implicit(ConvolutionCall call)
    {
        var forced = call.Context.Variant;
        if (PositionsConvolution.For(call) is { } positions
            && (positions.IsNamed(forced) || ((forced is null || ConvolutionImplicit.Family.Find(forced) is null) && positions.Work < FiltersWork(call)))) positions.Lower();
        else AlongFilters(call);
    }

    // By the variant that leaves fewest places idle.
    private static double FiltersWork(ConvolutionCall call)
    {
        var lanes = PackedTiles.LanesOf(PackedTiles.Of(call.Context.Profile)[0]);
        return ConvolutionImplicit.Family.Variants.Where(v => ConvolutionImplicit.Defines.Lanes(v) == lanes).Min(v => FiltersWork(call, v));
    }

    private static double FiltersWork(ConvolutionCall call, KernelDescriptor kernel)
    {
        var (g, lanes, rows) = (call.Geometry, ConvolutionImplicit.Defines.Lanes(kernel), ConvolutionImplicit.Defines.Rows(kernel));
        var workgroups = Divide(g.Batch * g.NarrowPositions, rows) * Divide(g.NarrowChannels / g.Groups, 4 * lanes) * g.Groups;
        return (workgroups + 1) / 2 * 2 * rows * 4.0 * lanes;
    }

    // convolution/implicit
    private static void AlongFilters(ConvolutionCall call)
    {
        var g = call.Geometry;
        var halves = call.Context.Options.Precision == StoragePrecision.Float16 && call.Weight.IsConstant;
        var kernel = Choose(call, ConvolutionImplicit.Family.Variants.OrderBy(v => FiltersWork(call, v)), g.WideChannels, halves);
        var packing = new Packing(call, g.WideChannels / g.Groups, g.NarrowChannels / g.Groups, kernel.Requirements.SubgroupSize!.Value, Transposed: false, halves);
        var weight = packing.Pack();
        call.Context.Dispatch(kernel)
            .Parameters(ParametersOf(call, transposed: false, packing.GroupTexels))
            .Bind(ConvolutionImplicit.Bindings.Source, call.Input)
            .Bind(ConvolutionImplicit.Bindings.Weight, weight)
            .Bind(ConvolutionImplicit.Bindings.Result, call.Output)
            .Epilogue(call.Program, call.Operands)
            .Constant(ConvolutionImplicit.Constants.Aligned, 1)
            .Cost(call.Cost.Flops, call.Cost.Bytes)
            .RunLinear(Divide(g.Batch * g.NarrowPositions, ConvolutionImplicit.Defines.Rows(kernel)) * packing.Panels * g.Groups, 1);
    }

    // A transposed convolution without strides is a convolution that meets its taps from last to first: worth it where few filters would
    // leave most lanes idle.
    private static PositionsConvolution? AdjointAlongPositions(ConvolutionCall call)
    {
        var (g, forced) = (call.Geometry, call.Context.Variant);
        if (g.Window.Stride.Any(s => s != 1)) return null;
        long[] Opposite(long[] padding) => [.. padding.Select((p, i) => g.Window.Extent(i) - 1 - p)];
        var window = g.Window with { PadBegin = Opposite(g.Window.PadBegin), PadEnd = Opposite(g.Window.PadEnd) };
        var turned = call with { Geometry = new ConvolutionGeometry(window, g.Narrow, g.Wide, g.Groups), WeightIsAdjoint = true };
        return PositionsConvolution.For(turned) is { } positions
            && (positions.IsNamed(forced) || ((forced is null || ConvolutionTransposed.Family.Find(forced) is null) && positions.Work < FiltersWork(turned))) ? positions : null;
    }

    /// <summary>Transposed convolution: with positions along the lanes, or by phases (convolution/transposed).</summary>
    internal static void Transposed(ConvolutionCall call)
    {
        if (AdjointAlongPositions(call) is { } positions)
        {
            positions.Lower();
            return;
        }
        var g = call.Geometry;
        var kernel = Choose(call, ConvolutionTransposed.Family.Variants, g.NarrowChannels);
        var packing = new Packing(call, g.NarrowChannels / g.Groups, g.WideChannels / g.Groups, kernel.Requirements.SubgroupSize!.Value, Transposed: true);
        var weight = packing.Pack();
        var largest = g.Batch;
        var phases = 1L;
        for (var i = 0; i < 3; i++)
        {
            largest *= Divide(g.WideSizes[i], g.Window.Stride[i]);
            phases *= g.Window.Stride[i];
        }
        call.Context.Dispatch(kernel)
            .Parameters(ParametersOf(call, transposed: true, packing.GroupTexels))
            .Bind(ConvolutionTransposed.Bindings.Source, call.Input)
            .Bind(ConvolutionTransposed.Bindings.Weight, weight)
            .Bind(ConvolutionTransposed.Bindings.Result, call.Output)
            .Epilogue(call.Program, call.Operands)
            .Constant(ConvolutionTransposed.Constants.Aligned, 1)
            .Cost(call.Cost.Flops, call.Cost.Bytes)
            .RunLinear(Divide(largest, TransposedTileRows) * packing.Panels * g.Groups * phases, 1);
    }

    /// <summary>The parameters of the kernels that include convolution/tile.glsl.</summary>
    /// <param name="call">The convolution.</param>
    /// <param name="transposed">Whether the input is the narrow side.</param>
    /// <param name="groupTexels">Texels of one group's packed weights.</param>
    internal static ConvolutionParameters ParametersOf(ConvolutionCall call, bool transposed, long groupTexels)
    {
        var g = call.Geometry;
        var (input, output) = transposed ? (g.NarrowSizes, g.WideSizes) : (g.WideSizes, g.NarrowSizes);
        var (channels, filters) = transposed ? (g.NarrowChannels, g.WideChannels) : (g.WideChannels, g.NarrowChannels);
        return checked(new ConvolutionParameters
        {
            InputSizes = ConvolutionGeometry.Pack(input, Texels(channels)),
            OutputSizes = ConvolutionGeometry.Pack(output, call.Output.TexelPitch),
            ResultTexel = call.Output.FirstTexel,
            Kernel = ConvolutionGeometry.Pack(g.Window.Kernel, Texels(channels / g.Groups)),
            Stride = ConvolutionGeometry.Pack(g.Window.Stride),
            Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
            Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
            Batch = (int)g.Batch,
            Groups = (int)g.Groups,
            Columns = (int)(filters / g.Groups),
            StoredColumns = Fill((int)(filters / g.Groups)),
            GroupTexels = (int)groupTexels,
        });
    }

    /// <summary>Depthwise convolution (convolution/depthwise).</summary>
    internal static void Depthwise(ConvolutionCall call)
    {
        var g = call.Geometry;
        var channels = checked((int)g.WideChannels);
        var weight = DepthwiseWeight(call);
        var window = g.Window;
        var isSmall = window.Kernel[1..].All(k => k <= 5) && window.Stride[1..].All(s => s <= 2) && window.Dilation[1..].All(d => d == 1);
        // Rows made together share what they read: that suits a CPU driver, where loads are dear, and only while they leave registers for it.
        var lines = !isSmall || !call.Context.Profile.IsSoftware || g.NarrowSizes[1] == 1 ? 1 : window.Kernel[1] <= 3 ? 4 : 2;
        call.Context.Dispatch(call.Context.Choose(ConvolutionDepthwise.Family.Variants, call.Input, call.Output))
            .Parameters(new ConvolutionDepthwise.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(g.WideSizes, Texels(channels)),
                OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes, call.Output.TexelPitch),
                ResultTexel = call.Output.FirstTexel,
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                Batch = checked((int)g.Batch),
                Channels = channels,
            })
            .Bind(ConvolutionDepthwise.Bindings.Source, call.Input)
            .Bind(ConvolutionDepthwise.Bindings.Weight, weight)
            .Bind(ConvolutionDepthwise.Bindings.Result, call.Output)
            .Epilogue(call.Program, call.Operands)
            .Constant(ConvolutionDepthwise.Constants.Aligned, 1)
            .Constant(ConvolutionDepthwise.Constants.Taps, isSmall ? window.Kernel[2] : 0)
            .Constant(ConvolutionDepthwise.Constants.Step, isSmall ? window.Stride[2] : 1)
            .Constant(ConvolutionDepthwise.Constants.TapsDown, isSmall ? window.Kernel[1] : 0)
            .Constant(ConvolutionDepthwise.Constants.StepDown, isSmall ? window.Stride[1] : 1)
            .Constant(ConvolutionDepthwise.Constants.Deep, window.Kernel[0] > 1 ? 1 : 0)
            .Constant(ConvolutionDepthwise.Constants.Lines, lines)
            .Constant(ConvolutionDepthwise.Constants.Touched, call.Context.Profile.IsSoftware ? 1 : 0)
            .Cost(call.Cost.Flops, call.Cost.Bytes)
            .RunLinear(Texels(channels) * Divide(g.NarrowSizes[2], 4) * Divide(g.NarrowSizes[1], lines) * g.NarrowSizes[0] * g.Batch, 64);
    }

    /// <summary>Transposed depthwise convolution (convolution/depthwise_transposed).</summary>
    internal static void DepthwiseTransposed(ConvolutionCall call)
    {
        var g = call.Geometry;
        var channels = checked((int)g.WideChannels);
        var common = Enumerable.Range(0, 3).Select(i => (long)BigInteger.GreatestCommonDivisor(g.Window.Stride[i], g.Window.Dilation[i])).ToArray();
        call.Context.Dispatch(call.Context.Choose(ConvolutionDepthwiseTransposed.Family.Variants, call.Input, call.Output))
            .Parameters(new ConvolutionDepthwiseTransposed.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(g.NarrowSizes, Texels(channels)),
                OutputSizes = ConvolutionGeometry.Pack(g.WideSizes, call.Output.TexelPitch),
                ResultTexel = call.Output.FirstTexel,
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                TapStep = ConvolutionGeometry.Pack([.. g.Window.Stride.Zip(common, (s, d) => s / d)]),
                SourceStep = ConvolutionGeometry.Pack([.. g.Window.Dilation.Zip(common, (s, d) => s / d)]),
                Batch = checked((int)g.Batch),
                Channels = channels,
            })
            .Bind(ConvolutionDepthwiseTransposed.Bindings.Source, call.Input)
            .Bind(ConvolutionDepthwiseTransposed.Bindings.Weight, DepthwiseWeight(call))
            .Bind(ConvolutionDepthwiseTransposed.Bindings.Result, call.Output)
            .Epilogue(call.Program, call.Operands)
            .Constant(ConvolutionDepthwiseTransposed.Constants.Aligned, 1)
            .Cost(call.Cost.Flops, call.Cost.Bytes)
            .RunLinear(Texels(channels) * g.WidePositions * g.Batch, 64);
    }

    // [C, 1, taps] becomes [taps][C in fours]: a plain matrix of depth "taps", packed as one panel as wide as it.
    private static DeviceTensor DepthwiseWeight(ConvolutionCall call)
    {
        var (channels, taps) = (checked((int)call.Geometry.WideChannels), checked((int)call.Geometry.Taps));
        return call.Context.Packed(call.Weight, $"depthwise {channels} {taps}", TensorType.Float((taps + 7) / 8 * 8, Fill(channels)), target =>
            PackRight(call, call.Weight, target, columns: channels, taps: 1, channels: taps, panelColumns: Fill(channels), tapStride: 0, channelStride: 1, columnStride: taps, groups: 1, groupStride: 0));
    }

    internal static long Divide(long a, long b) => (a + b - 1) / b;

    internal static int Texels(long channels) => checked((int)((channels + 3) / 4));

    internal static int Fill(int channels) => (channels + 3) / 4 * 4;

    // Two texels of depth a block where a group's channels are an even number of texels, else one.
    private static KernelDescriptor Choose(ConvolutionCall call, IEnumerable<KernelDescriptor> variants, long channels, bool halves = false)
    {
        var single = Texels(channels / call.Geometry.Groups) % 2 != 0;
        return call.Context.Choose(variants.Where(v => v.Variant.EndsWith("_single", StringComparison.Ordinal) == single && v.Defines.ContainsKey("Half") == halves), call.Input, call.Output);
    }

    /// <summary>Packs a right matrix: the weights, or a rearrangement of them.</summary>
    internal static void PackRight(ConvolutionCall call, DeviceTensor source, DeviceTensor target, int columns, int taps, int channels, int panelColumns, int tapStride, int channelStride, int columnStride, int groups, int groupStride, int start = 0, bool halves = false)
    {
        var depth = (taps * Fill(channels) + 7) / 8 * 8;
        call.Context.Dispatch(call.Context.Choose(GemmPackRight.Family.Variants, source))
            .Parameters(new GemmPackRight.Parameters
            {
                Columns = columns,
                Taps = taps,
                Channels = channels,
                PanelColumns = panelColumns,
                Start = start,
                TapStride = tapStride,
                ChannelStride = channelStride,
                ColumnStride = columnStride,
                BatchSizes = ConvolutionGeometry.Pack(1, 1, 1, groups),
                BatchStrides = ConvolutionGeometry.Pack(0, 0, 0, groupStride),
            })
            .Bind(GemmPackRight.Bindings.Source, source)
            .Bind(GemmPackRight.Bindings.Result, target)
            .Constant(GemmPackRight.Constants.Access, (int)BlockAccess.Scalars)
            .Constant(GemmPackRight.Constants.Half, halves ? 1 : 0)
            .Cost(0, 8.0 * source.Shape.ElementCount)
            .RunLinear((long)groups * Divide(columns, panelColumns) * (depth / 4) * (panelColumns / 4), 64);
    }

    /// <summary>How the weights of a convolution are packed for the implicit matrix product.</summary>
    private sealed record Packing(ConvolutionCall Call, long Channels, long Filters, int Lanes, bool Transposed, bool Halves = false)
    {
        internal int Columns => checked((int)Filters);

        internal int ChannelTexels => Texels(Channels);

        internal int Panels => (int)Divide(Filters, 4 * Lanes);

        private int Depth => checked((int)((Call.Geometry.Taps * ChannelTexels * 4 + 7) / 8 * 8));

        internal int GroupTexels => checked(Panels * Depth * Lanes) / (Halves ? 2 : 1);

        internal DeviceTensor Pack()
        {
            var g = Call.Geometry;
            var (taps, channels) = (checked((int)g.Taps), checked((int)Channels));
            return Call.Context.Packed(Call.Weight, $"panels {Lanes} {g.Groups} {Columns} {channels} {taps} {Transposed}{(Halves ? " as halves" : "")}", TensorType.Float(g.Groups, Panels, Depth / (Halves ? 2 : 1), 4 * Lanes), target =>
                PackRight(Call, Call.Weight, target, Columns, taps, channels, 4 * Lanes, tapStride: 1,
                    channelStride: Transposed ? Columns * taps : taps,
                    columnStride: Transposed ? taps : channels * taps,
                    groups: checked((int)g.Groups), groupStride: checked(Columns * channels * taps), halves: Halves));
        }
    }
}
