using VkNet.Compilation;
using VkNet.Operators.Gemm;
using VkNet.Operators.Layout.Lowering;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using OperandMode = VkNet.Compilation.OperandMode;

namespace VkNet.Operators.Convolution;

/// <summary>
/// A channels-last convolution of a picture (one to four channels): windows are unfolded with their channels packed tightly (convolution/unfold),
/// then multiplied (gemm/packed). The implicit product would fill three channels up to four and look for every tap's place anew.
/// </summary>
internal static class UnfoldedConvolution
{
    private const int GroupSize = 64;

    // The unfolded windows of one call are kept below this, so that they stay in a CPU's cache and take little memory.
    private const long PartBytes = 2L << 20;

    // An unfolded element costs as much as this many multiply-adds of a full tile (measured under lavapipe).
    private const double UnfoldCost = 90;

    /// <summary>Whether a convolution is of this kind, the device has the kernels, and there are filters enough to fill them.</summary>
    public static bool Suits(ConvolutionCall call) =>
        call.Output.Part is null && call.Geometry is { Groups: 1, WideChannels: <= 4, Taps: > 1 } g && PackedTiles.Of(call.Context.Profile).Count > 0
        && (call.Context.Variant is not { } forced || IsAskedFor(call) || (ConvolutionImplicit.Family.Find(forced) is null && PositionsConvolution.For(call)?.IsNamed(forced) != true))
        && 16 * PackedDepth(g) / 4 * RowsAtOnce(call) <= call.Context.Profile.MaxStorageBufferRange
        && (IsAskedFor(call) || Work(call) < ChannelsLastConvolution.ImplicitWork(call));

    // The variant asked for names a tile of the product.
    private static bool IsAskedFor(ConvolutionCall call) => call.Context.Variant is { } forced && GemmPacked.Family.Find(forced) is not null;

    /// <summary>Writes the calls.</summary>
    public static void Lower(ConvolutionCall call)
    {
        var (context, g) = (call.Context, call.Geometry);
        var rows = g.Batch * g.NarrowPositions;
        var atOnce = RowsAtOnce(call);
        var tile = PackedTiles.Choose(PackedTiles.Of(context.Profile), context.Variant, Math.Min(rows, atOnce), g.NarrowChannels, 1);
        var lanes = PackedTiles.LanesOf(tile);
        var weight = PackWeights(call, lanes);
        for (var first = 0L; first < rows; first += atOnce)
        {
            var count = Math.Min(atOnce, rows - first);
            var windows = context.Workspace($"windows {first}", TensorType.Float(ChannelsLastConvolution.Divide(count, lanes), PackedDepth(g) / 4, 4 * lanes));
            context.Dispatch(context.Choose(ConvolutionUnfold.Family.Variants, call.Input))
                .Parameters(checked(new ConvolutionUnfold.Parameters
                {
                    InputSizes = ConvolutionGeometry.Pack(g.WideSizes),
                    OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes),
                    Kernel = ConvolutionGeometry.Pack(g.Window.Kernel),
                    Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                    Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                    Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                    RowTexels = (int)RowTexels(g),
                    DepthTexels = (int)(PackedDepth(g) / 4),
                    FirstRow = (int)first,
                    RowCount = (int)count,
                    Lanes = lanes,
                }))
                .Bind(ConvolutionUnfold.Bindings.Source, call.Input)
                .Bind(ConvolutionUnfold.Bindings.Result, windows)
                .Constant(ConvolutionUnfold.Constants.Channels, g.WideChannels)
                .Cost(0, (double)call.Input.Bytes * count / rows + windows.Bytes)
                .RunLinear(ChannelsLastConvolution.Divide(count, lanes) * lanes * (TapRows(g) * ChannelsLastConvolution.Divide(g.Window.Kernel[2], 4) + 1), GroupSize);
            Multiply(call, tile, windows, weight, first, count);
        }
    }

    private static void Multiply(ConvolutionCall call, Shaders.KernelDescriptor tile, DeviceTensor windows, DeviceTensor weight, long first, long count)
    {
        var g = call.Geometry;
        var (lanes, stored) = (PackedTiles.LanesOf(tile), ChannelsLastConvolution.Fill(checked((int)g.NarrowChannels)));
        var rows = g.Batch * g.NarrowPositions;
        var offset = first * stored * DeviceTensor.ElementBytes;
        DeviceTensor Part(DeviceTensor tensor) => new(tensor.Buffer, tensor.Offset + offset, TensorType.Float(count, stored), Graphs.Layout.Dense);
        call.Context.Dispatch(tile)
            .Parameters(checked(new GemmPacked.Parameters
            {
                Rows = (int)count, Columns = (int)g.NarrowChannels, StoredColumns = stored, DepthBlocks = (int)(PackedDepth(g) / 8), LeftDepthTexels = (int)(PackedDepth(g) / 4),
                ResultRowElements = stored, ResultBatchElements = (int)(count * stored), RowGroups = 1, BatchSizes = ConvolutionGeometry.Pack(1, 1, 1, 1),
            }))
            .Bind(GemmPacked.Bindings.Left, windows)
            .Bind(GemmPacked.Bindings.Right, weight)
            .Bind(GemmPacked.Bindings.Result, Part(call.Output))
            .Constant(GemmPacked.Constants.Aligned, 1)
            .Epilogue(call.Program, [.. call.Operands.Select(o => o.Mode == OperandMode.Full ? o with { Tensor = Part(o.Tensor) } : o)])
            .Cost(call.Cost.Flops * count / rows, windows.Bytes + weight.Bytes + (double)call.Output.Bytes * count / rows)
            .RunLinear(ChannelsLastConvolution.Divide(count, GemmPacked.Defines.Rows(tile)) * ChannelsLastConvolution.Divide(g.NarrowChannels, 4 * lanes * GemmPacked.Defines.Panels(tile)), 1);
    }

    // Weights [filters][channels][taps] with the channels innermost, then in panels: depth runs over (tap row, tap along the width, channel).
    private static DeviceTensor PackWeights(ConvolutionCall call, int lanes)
    {
        var (context, g) = (call.Context, call.Geometry);
        var (taps, channels, width) = (g.Taps, g.WideChannels, g.Window.Kernel[2]);
        var type = TensorType.Float(ChannelsLastConvolution.Divide(g.NarrowChannels, 4 * lanes), PackedDepth(g), 4 * lanes);
        return context.Packed(call.Weight, $"unfolded {g.NarrowChannels} {channels} {taps} {width} {lanes}", type, target =>
        {
            var turned = context.Workspace("channels innermost", call.Weight.Type);
            StridedCopy.Run(context, call.Weight, turned, StridedRegion.FillingTarget([g.NarrowChannels, taps, channels], 0, [channels * taps, 1, taps]));
            ChannelsLastConvolution.PackRight(call, turned, target, checked((int)g.NarrowChannels), checked((int)TapRows(g)), checked((int)(width * channels)), 4 * lanes,
                tapStride: checked((int)(width * channels)), channelStride: 1, columnStride: checked((int)(taps * channels)), groups: 1, groupStride: 0);
        });
    }

    // Multiply-adds as PackedTiles.Work counts them, finishing the tiles and unfolding included.
    private static double Work(ConvolutionCall call)
    {
        var (rows, filters) = (call.Geometry.Batch * call.Geometry.NarrowPositions, call.Geometry.NarrowChannels);
        var tile = PackedTiles.Choose(PackedTiles.Of(call.Context.Profile), call.Context.Variant, rows, filters, 1);
        return PackedTiles.Work(tile, rows, filters, 1) * (PackedDepth(call.Geometry) + PackedTiles.StoreDepth)
            + UnfoldCost * rows * PackedDepth(call.Geometry);
    }

    private static long TapRows(ConvolutionGeometry g) => g.Window.Kernel[0] * g.Window.Kernel[1];

    private static long RowTexels(ConvolutionGeometry g) => ChannelsLastConvolution.Texels(g.Window.Kernel[2] * g.WideChannels);

    private static long PackedDepth(ConvolutionGeometry g) => ChannelsLastConvolution.Divide(TapRows(g) * RowTexels(g), 2) * 8;

    // Whole tiles of any height, whose results begin where the device can bind a buffer.
    private static long RowsAtOnce(ConvolutionCall call)
    {
        var step = 672L;
        while (step * 16 % call.Context.Profile.BufferAlignment != 0) step *= 2;
        var most = Math.Max(1, PartBytes / (PackedDepth(call.Geometry) * DeviceTensor.ElementBytes) / step) * step;
        // Parts of about one size: a last part of a few rows would cost two calls for nothing.
        var rows = call.Geometry.Batch * call.Geometry.NarrowPositions;
        var parts = Math.Max(1, ChannelsLastConvolution.Divide(rows, most));
        return Math.Min(most, ChannelsLastConvolution.Divide(ChannelsLastConvolution.Divide(rows, parts), step) * step);
    }
}
