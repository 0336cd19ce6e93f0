using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Reduction;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using OperandMode = VkNet.Compilation.OperandMode;

namespace VkNet.Operators.Convolution;

/// <summary>Calls of the dense (NCHW) convolution kernels, which run on every device: unfold (im2col) and multiply, or multiply and fold back (col2im).</summary>
internal static class DenseConvolution
{
    // The unfolded matrix of as many items as fit here is made at once.
    private const long WorkspaceBytes = 96L << 20;

    /// <summary>Convolution: unfold, then one matrix product per item and group. A 1x1 window needs no unfolding.</summary>
    internal static void Forward(ConvolutionCall call)
    {
        var (context, g) = (call.Context, call.Geometry);
        var positions = g.NarrowPositions;
        if (g.Window.IsPointwise)
        {
            Multiply(call, call.Input, positions, 0, g.Batch);
            return;
        }
        var rowElements = (positions + 3) / 4 * 4;
        var perItem = checked(g.WideChannels * g.Taps * rowElements * DeviceTensor.ElementBytes);
        foreach (var (first, count) in Chunks(context, g.Batch, perItem, g.NarrowChannels * positions))
        {
            var columns = context.Workspace($"im2col {first}", TensorType.Float(count, g.WideChannels * g.Taps, rowElements));
            Unfold(context, g, call.Input, columns, first, count, rowElements);
            Multiply(call, columns, rowElements, first, count);
        }
    }

    /// <summary>Transposed convolution: one matrix product per item and group, then fold back.</summary>
    internal static void Transposed(ConvolutionCall call)
    {
        var (context, g) = (call.Context, call.Geometry);
        var positions = g.NarrowPositions;
        var rowElements = (positions + 3) / 4 * 4;
        var (rows, depth) = (g.WideChannels / g.Groups * g.Taps, g.NarrowChannels / g.Groups);
        var columns = context.Workspace("columns", TensorType.Float(g.Batch, g.WideChannels * g.Taps, rowElements));
        context.Dispatch(context.Choose(GemmStrided.Family.Variants, call.Weight, call.Input, columns))
            .Parameters(new GemmStrided.Parameters
            {
                Rows = checked((int)rows),
                Columns = checked((int)positions),
                StoredColumns = checked((int)rowElements),
                Depth = checked((int)depth),
                LeftRowStride = 1,
                LeftDepthStride = checked((int)rows),
                RightDepthStride = checked((int)positions),
                RightColumnStride = 1,
                ResultRowElements = checked((int)rowElements),
                ResultBatchElements = checked((int)(rows * rowElements)),
                RowGroups = 1,
                BatchSizes = ConvolutionGeometry.Pack(1, 1, g.Batch, g.Groups),
                LeftBatchStrides = ConvolutionGeometry.Pack(0, 0, 0, rows * depth),
                RightBatchStrides = ConvolutionGeometry.Pack(0, 0, g.NarrowChannels * positions, depth * positions),
            })
            .Bind(GemmStrided.Bindings.Left, call.Weight)
            .Bind(GemmStrided.Bindings.Right, call.Input)
            .Bind(GemmStrided.Bindings.Result, columns)
            .Epilogue(null, [])
            .Constant(GemmStrided.Constants.LeftAccess, (int)(rows % 4 == 0 ? BlockAccess.AlongA : BlockAccess.Scalars))
            .Constant(GemmStrided.Constants.RightAccess, (int)(positions % 4 == 0 ? BlockAccess.AlongB : BlockAccess.Scalars))
            .Constant(GemmStrided.Constants.Aligned, 1)
            .Cost(call.Cost.Flops, call.Cost.Bytes)
            .RunLinear(g.Batch * g.Groups * ((rows + 3) / 4) * (rowElements / 4), 64);
        context.Dispatch(context.Choose(ConvolutionCol2im.Family.Variants, columns, call.Output))
            .Parameters(new ConvolutionCol2im.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(g.WideSizes),
                OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes),
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                Batch = checked((int)g.Batch),
                Channels = checked((int)g.WideChannels),
                RowElements = checked((int)rowElements),
            })
            .Bind(ConvolutionCol2im.Bindings.Columns, columns)
            .Bind(ConvolutionCol2im.Bindings.Result, call.Output)
            .Epilogue(call.Program, call.Operands)
            .Constant(ConvolutionCol2im.Constants.Aligned, g.WidePositions % 4 == 0 ? 1 : 0)
            .Cost(0, 4.0 * (columns.Shape.ElementCount + call.Output.Shape.ElementCount))
            .RunLinear(g.Batch * g.WideChannels * ((g.WidePositions + 3) / 4), 64);
    }

    /// <summary>Gradient of the weight: unfold, one matrix product per item (its gradient times its unfolded input), and the sum over the items.</summary>
    internal static void WeightGradient(LoweringContext context, ConvolutionGeometry g, DeviceTensor input, DeviceTensor upstream, DeviceTensor output, OperatorCost cost)
    {
        var positions = g.NarrowPositions;
        var rowElements = (positions + 3) / 4 * 4;
        var (rows, depth) = (g.NarrowChannels / g.Groups, g.WideChannels / g.Groups * g.Taps);
        var columns = context.Workspace("im2col", TensorType.Float(g.Batch, g.WideChannels * g.Taps, rowElements));
        Unfold(context, g, input, columns, 0, g.Batch, rowElements);
        var products = context.Workspace("products", TensorType.Float(g.Batch, g.NarrowChannels * depth));
        context.Dispatch(context.Choose(GemmStrided.Family.Variants, upstream, columns, products))
            .Parameters(new GemmStrided.Parameters
            {
                Rows = checked((int)rows),
                Columns = checked((int)depth),
                StoredColumns = checked((int)depth),
                Depth = checked((int)positions),
                LeftRowStride = checked((int)positions),
                LeftDepthStride = 1,
                RightDepthStride = 1,
                RightColumnStride = checked((int)rowElements),
                ResultRowElements = checked((int)depth),
                ResultBatchElements = checked((int)(rows * depth)),
                RowGroups = 1,
                BatchSizes = ConvolutionGeometry.Pack(1, 1, g.Batch, g.Groups),
                LeftBatchStrides = ConvolutionGeometry.Pack(0, 0, g.NarrowChannels * positions, rows * positions),
                RightBatchStrides = ConvolutionGeometry.Pack(0, 0, g.WideChannels * g.Taps * rowElements, depth * rowElements),
            })
            .Bind(GemmStrided.Bindings.Left, upstream)
            .Bind(GemmStrided.Bindings.Right, columns)
            .Bind(GemmStrided.Bindings.Result, products)
            .Epilogue(null, [])
            .Constant(GemmStrided.Constants.LeftAccess, (int)(positions % 4 == 0 ? BlockAccess.AlongB : BlockAccess.Scalars))
            .Constant(GemmStrided.Constants.RightAccess, (int)BlockAccess.AlongA)
            .Constant(GemmStrided.Constants.Aligned, depth % 4 == 0 ? 1 : 0)
            .Cost(cost.Flops, cost.Bytes)
            .RunLinear(g.Batch * g.Groups * ((rows + 3) / 4) * ((depth + 3) / 4), 64);
        ReductionLowering.SumRows(context, products, output, g.Batch);
    }

    /// <summary>Whether the unfolded input of a whole batch may be made for the gradient of the weight.</summary>
    internal static bool CanUnfoldWhole(LoweringContext context, ConvolutionGeometry g) =>
        (double)g.Batch * g.WideChannels * g.Taps * ((g.NarrowPositions + 3) / 4 * 4) * DeviceTensor.ElementBytes <= Math.Min(WorkspaceBytes, context.Profile.MaxStorageBufferRange)
        && (double)g.Batch * g.NarrowChannels * g.WideChannels / g.Groups * g.Taps * DeviceTensor.ElementBytes <= Math.Min(WorkspaceBytes, context.Profile.MaxStorageBufferRange);

    private static void Unfold(LoweringContext context, ConvolutionGeometry g, DeviceTensor input, DeviceTensor columns, long first, long count, long rowElements) =>
        context.Dispatch(context.Choose(ConvolutionIm2col.Family.Variants, input))
            .Parameters(new ConvolutionIm2col.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(g.WideSizes),
                OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes),
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                First = checked((int)first),
                Batch = checked((int)count),
                Channels = checked((int)g.WideChannels),
                RowElements = checked((int)rowElements),
            })
            .Bind(ConvolutionIm2col.Bindings.Source, input)
            .Bind(ConvolutionIm2col.Bindings.Result, columns)
            .Cost(0, 4.0 * (count * g.WideChannels * g.WidePositions + columns.Shape.ElementCount))
            .RunLinear(count * g.WideChannels * g.Taps * (rowElements / 4), 64);

    // result[n][f][p] = weight[f][c k] * columns[n][c k][p], for items first to first + count of the output.
    private static void Multiply(ConvolutionCall call, DeviceTensor columns, long rowElements, long first, long count)
    {
        var (context, g) = (call.Context, call.Geometry);
        var (rows, positions) = (g.NarrowChannels / g.Groups, g.NarrowPositions);
        var depth = g.WideChannels / g.Groups * g.Taps;
        var offset = first * g.NarrowChannels * positions * DeviceTensor.ElementBytes;
        var output = Part(call.Output, offset, count);
        var operands = call.Operands.Select(o => o.Mode == OperandMode.Full ? o with { Tensor = Part(o.Tensor, offset, count) } : o).ToList();
        context.Dispatch(context.Choose(GemmStrided.Family.Variants, call.Weight, columns, output))
            .Parameters(new GemmStrided.Parameters
            {
                Rows = checked((int)rows),
                Columns = checked((int)positions),
                StoredColumns = checked((int)positions),
                Depth = checked((int)depth),
                LeftRowStride = checked((int)depth),
                LeftDepthStride = 1,
                RightDepthStride = checked((int)rowElements),
                RightColumnStride = 1,
                ResultRowElements = checked((int)positions),
                ResultBatchElements = checked((int)(rows * positions)),
                RowGroups = checked((int)g.Groups),
                BatchSizes = ConvolutionGeometry.Pack(1, 1, count, g.Groups),
                LeftBatchStrides = ConvolutionGeometry.Pack(0, 0, 0, rows * depth),
                RightBatchStrides = ConvolutionGeometry.Pack(0, 0, g.WideChannels * g.Taps * rowElements, depth * rowElements),
            })
            .Bind(GemmStrided.Bindings.Left, call.Weight)
            .Bind(GemmStrided.Bindings.Right, columns)
            .Bind(GemmStrided.Bindings.Result, output)
            .Epilogue(call.Program, operands)
            .Constant(GemmStrided.Constants.LeftAccess, (int)(depth % 4 == 0 ? BlockAccess.AlongB : BlockAccess.Scalars))
            .Constant(GemmStrided.Constants.RightAccess, (int)(rowElements % 4 == 0 ? BlockAccess.AlongB : BlockAccess.Scalars))
            .Constant(GemmStrided.Constants.Aligned, positions % 4 == 0 ? 1 : 0)
            .Cost(call.Cost.Flops * count / g.Batch, call.Cost.Bytes * count / g.Batch)
            .RunLinear(count * g.Groups * ((rows + 3) / 4) * ((positions + 3) / 4), 64);
    }

    private static DeviceTensor Part(DeviceTensor tensor, long offset, long count) =>
        count == tensor.Shape[0] ? tensor : tensor with { Offset = tensor.Offset + offset, Type = tensor.Type with { Shape = tensor.Shape.With(0, count) } };

    // All items at once if their unfolded matrix fits; else parts that begin at an address the device can bind.
    private static IEnumerable<(long First, long Count)> Chunks(LoweringContext context, long batch, long bytesPerItem, long outputElementsPerItem)
    {
        var limit = Math.Min(WorkspaceBytes, context.Profile.MaxStorageBufferRange);
        var step = 1L;
        while (step < batch && step * outputElementsPerItem * DeviceTensor.ElementBytes % context.Profile.BufferAlignment != 0) step++;
        var count = batch * bytesPerItem <= limit ? batch : Math.Min(batch, Math.Max(1, limit / bytesPerItem / step) * step);
        for (var first = 0L; first < batch; first += count) yield return (first, Math.Min(count, batch - first));
    }
}
