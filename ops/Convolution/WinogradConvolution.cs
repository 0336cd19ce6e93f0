using VkNet.Compilation;
using VkNet.Operators.Gemm;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>
/// Winograd's minimal filtering F(4x4, 3x3) or F(2x2, 3x3) of a channels-last convolution of stride 1 with constant weights (Lavin and Gray 2016):
/// inputs are transformed tile by tile, multiplied with filters transformed when the model is loaded, and transformed back with the epilogue.
/// </summary>
/// <remarks>
/// Accuracy. Each of a tile's outputs sums 9 C products; the transforms make of every product terms whose magnitudes add up to at most
/// <see cref="Amplification"/> times those of the direct sum for inputs and weights of even magnitude, and each term is rounded at most
/// C + 30 times. So |error| is at most Amplification * (C + 30) * 2^-24 * 9 C max|x| max|w|, and typically smaller by the square root of the
/// number of roundings: about 1e-6 of the largest output for F(4x4, 3x3), three times the error of the direct sum.
/// </remarks>
internal sealed class WinogradConvolution
{
    private const int GroupSize = 64;

    // What lies between the transforms is kept below this, so that it stays in a CPU's cache and takes little memory.
    private const long PartBytes = 12L << 20;

    // Costs in units of multiply-adds of a full tile of the product, found by measuring: the transforms per texel moved, a byte of weights (which
    // are read once and come from memory), and a dispatch. The products, each of matrices that are used once, are slower than a large one.
    private const double ProductCost = 1.25;
    private const double TexelCost = 150;
    private const double WeightByteCost = 1;
    private const double DispatchCost = 3e6;

    private readonly ConvolutionCall _call;
    private readonly int _tile;
    private readonly KernelDescriptor _product;

    private WinogradConvolution(ConvolutionCall call, int tile)
    {
        _call = call;
        _tile = tile;
        var tiles = PackedTiles.Of(call.Context.Profile);
        _product = PackedTiles.Choose(tiles, call.Context.Variant, Math.Min(TilesAtOnce, Tiles), Filters, Products);
    }

    private ConvolutionGeometry Geometry => _call.Geometry;

    private int Lanes => PackedTiles.LanesOf(_product);

    private long TileRows => ChannelsLastConvolution.Divide(Geometry.NarrowSizes[1], _tile);

    private long TileColumns => ChannelsLastConvolution.Divide(Geometry.NarrowSizes[2], _tile);

    private long Tiles => Geometry.Batch * TileRows * TileColumns;

    private long Products => (_tile + 2) * (_tile + 2) * Geometry.Groups;

    private long Channels => Geometry.WideChannels / Geometry.Groups;

    private long Filters => Geometry.NarrowChannels / Geometry.Groups;

    private long DepthTexels => ChannelsLastConvolution.Divide(Channels, 8) * 2;

    private long FilterTexels => ChannelsLastConvolution.Texels(Filters);

    // A whole number of the largest tiles of the product, so that parts but the last waste nothing.
    private long TilesAtOnce => Math.Max(1, PartBytes / (16 * Products * (DepthTexels + FilterTexels)) / 224) * 224;

    /// <summary>How much the transforms of a tile size magnify magnitudes at most.</summary>
    internal static double Amplification(int tile) => tile == 4 ? 84 : 7.1;

    /// <summary>The largest error for inputs and weights up to 1 in magnitude.</summary>
    internal static double ErrorBound(int tile, long channels) => Amplification(tile) * (channels + 30) * Math.Pow(2, -24) * 9 * channels;

    /// <summary>The way to run a convolution by minimal filtering; null where it is not possible, not allowed, or not worth it.</summary>
    public static WinogradConvolution? For(ConvolutionCall call)
    {
        var (g, options) = (call.Geometry, call.Context.Options);
        var (window, wanted) = (g.Window, call.Context.Variant);
        if (options.Exact || options.Precision != StoragePrecision.Float32 || !call.Weight.IsConstant || !window.Kernel.SequenceEqual([1, 3, 3]) || g.WideSizes[0] != 1 || g.NarrowSizes[0] != 1
            || window.Stride.Any(s => s != 1) || window.Dilation.Any(d => d != 1) || PackedTiles.Of(call.Context.Profile).Count == 0) return null;
        var possible = new[] { 4, 2 }.Select(tile => new WinogradConvolution(call, tile)).Where(w => w.Fits).ToList();
        return possible.FirstOrDefault(w => w.Variant == wanted)
            ?? (wanted is not null && (ConvolutionImplicit.Family.Find(wanted) is not null || ConvolutionPositions.Family.Find(wanted) is not null || ConvolutionRuns.Family.Find(wanted) is not null) ? null : possible.Where(w => w.Work < ChannelsLastConvolution.ImplicitWork(call) + (WeightByteCost * call.Weight.Bytes) + DispatchCost).MinBy(w => w.Work));
    }

    /// <summary>Writes the calls.</summary>
    public void Lower()
    {
        var context = _call.Context;
        var weight = TransformWeights();
        for (var first = 0L; first < Tiles; first += TilesAtOnce)
        {
            var count = Math.Min(TilesAtOnce, Tiles - first);
            var left = context.Workspace($"winograd inputs {first}", TensorType.Float(Products, ChannelsLastConvolution.Divide(count, Lanes), DepthTexels, 4 * Lanes));
            var result = context.Workspace($"winograd products {first}", TensorType.Float(Products, count, 4 * FilterTexels));
            TransformInput(first, count, left);
            Multiply(count, left, weight, result);
            TransformOutput(first, count, result);
        }
    }

    private string Variant => $"f{_tile}";

    private long WeightBytes => 16 * Products * ChannelsLastConvolution.Divide(Filters, 4 * Lanes) * 4 * DepthTexels * Lanes;

    // The nominal work of the products, the bytes of the transforms, and the calls.
    private double Work => ProductCost * (DepthTexels * 4 + PackedTiles.StoreDepth) * PackedTiles.Work(_product, Tiles, Filters, Products)
        + (WeightByteCost * WeightBytes)
        + (TexelCost * Products * Tiles * (DepthTexels + FilterTexels))
        + (DispatchCost * (3 * ChannelsLastConvolution.Divide(Tiles, TilesAtOnce)));

    private bool Fits
    {
        get
        {
            var profile = _call.Context.Profile;
            var limit = Math.Min(profile.MaxStorageBufferRange, 16 * profile.MaxTexelBufferElements);
            return WeightBytes <= limit && 16 * Products * Math.Min(Tiles, TilesAtOnce) * Math.Max(DepthTexels + (2 * Lanes), FilterTexels) <= limit;
        }
    }

    private DeviceTensor TransformWeights()
    {
        var context = _call.Context;
        var panels = ChannelsLastConvolution.Divide(Filters, 4 * Lanes);
        var depth = 4 * DepthTexels;
        return context.Packed(_call.Weight, $"winograd {Variant} {Geometry.Groups} {Filters} {Channels} {Lanes}", TensorType.Float(Products, panels, depth, 4 * Lanes), target =>
            context.Dispatch(Find(ConvolutionWinogradWeights.Family))
                .Parameters(checked(new ConvolutionWinogradWeights.Parameters { Groups = (int)Geometry.Groups, Filters = (int)Filters, Channels = (int)Channels, Panels = (int)panels, Lanes = Lanes }))
                .Bind(ConvolutionWinogradWeights.Bindings.Source, _call.Weight)
                .Bind(ConvolutionWinogradWeights.Bindings.Result, target)
                .Cost(0, _call.Weight.Bytes + target.Bytes)
                .RunLinear(Geometry.Groups * panels * depth * Lanes, GroupSize));
    }

    private void TransformInput(long first, long count, DeviceTensor result) =>
        _call.Context.Dispatch(Find(ConvolutionWinogradInput.Family))
            .Parameters(ParametersOf(first, count))
            .Bind(ConvolutionWinogradInput.Bindings.Source, _call.Input)
            .Bind(ConvolutionWinogradInput.Bindings.Result, result)
            .Cost(0, (double)_call.Input.Bytes * count / Tiles + result.Bytes)
            .RunLinear(count * Geometry.Groups * DepthTexels, GroupSize);

    private void Multiply(long count, DeviceTensor left, DeviceTensor right, DeviceTensor result)
    {
        var leftTexels = ChannelsLastConvolution.Divide(count, Lanes) * DepthTexels * Lanes;
        var rightTexels = ChannelsLastConvolution.Divide(Filters, 4 * Lanes) * 4 * DepthTexels * Lanes;
        _call.Context.Dispatch(_product)
            .Parameters(checked(new GemmPacked.Parameters
            {
                Rows = (int)count, Columns = (int)Filters, StoredColumns = (int)(4 * FilterTexels), DepthBlocks = (int)(DepthTexels / 2), LeftDepthTexels = (int)DepthTexels,
                ResultRowElements = (int)(4 * FilterTexels), ResultBatchElements = (int)(count * 4 * FilterTexels), RowGroups = 1,
                BatchSizes = ConvolutionGeometry.Pack(1, 1, 1, Products), LeftBatchTexels = ConvolutionGeometry.Pack(0, 0, 0, leftTexels), RightBatchTexels = ConvolutionGeometry.Pack(0, 0, 0, rightTexels),
            }))
            .Bind(GemmPacked.Bindings.Left, left)
            .Bind(GemmPacked.Bindings.Right, right)
            .Bind(GemmPacked.Bindings.Result, result)
            .Constant(GemmPacked.Constants.Aligned, 1)
            .Epilogue(null, [])
            .Cost(2.0 * Products * count * Channels * Filters, left.Bytes + right.Bytes + result.Bytes)
            .RunLinear(Products * ChannelsLastConvolution.Divide(count, GemmPacked.Defines.Rows(_product)) * ChannelsLastConvolution.Divide(Filters, 4 * Lanes * GemmPacked.Defines.Panels(_product)), 1);
    }

    private void TransformOutput(long first, long count, DeviceTensor source) =>
        _call.Context.Dispatch(Find(ConvolutionWinogradOutput.Family))
            .Parameters(ParametersOf(first, count))
            .Bind(ConvolutionWinogradOutput.Bindings.Source, source)
            .Bind(ConvolutionWinogradOutput.Bindings.Result, _call.Output)
            .Epilogue(_call.Program, _call.Operands)
            .Constant(ConvolutionWinogradOutput.Constants.Aligned, 1)
            .Cost(0, source.Bytes + (double)_call.Output.Bytes * count / Tiles)
            .RunLinear(count * Geometry.Groups * FilterTexels, GroupSize);

    private WinogradParameters ParametersOf(long first, long count) => checked(new WinogradParameters
    {
        InputSizes = InputSizes, OutputSizes = OutputSizes, PadTop = (int)Geometry.Window.PadBegin[1], PadLeft = (int)Geometry.Window.PadBegin[2],
        TileRows = (int)TileRows, TileColumns = (int)TileColumns, FirstTile = (int)first, TileCount = (int)count,
        Groups = (int)Geometry.Groups, Filters = (int)Geometry.NarrowChannels, DepthTexels = (int)DepthTexels, Lanes = Lanes, ResultTexel = _call.Output.FirstTexel,
    });

    private IntArray4 InputSizes => ConvolutionGeometry.Pack(Geometry.WideSizes[1], Geometry.WideSizes[2], ChannelsLastConvolution.Texels(Geometry.WideChannels), ChannelsLastConvolution.Texels(Channels));

    private IntArray4 OutputSizes => ConvolutionGeometry.Pack(Geometry.NarrowSizes[1], Geometry.NarrowSizes[2], _call.Output.TexelPitch, FilterTexels);

    private KernelDescriptor Find(KernelFamily family) => family.Find(Variant)!;
}
