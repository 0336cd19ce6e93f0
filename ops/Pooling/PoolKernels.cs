using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>Writes the calls of the pooling kernels.</summary>
internal static class PoolKernels
{
    private const int GroupSize = 64;

    /// <summary>Pools by windows, in the layout of the input, and applies the node's epilogue. Where <see cref="CanStoreDense"/>, the output may lie dense.</summary>
    public static void Window(LoweringContext context, PoolGeometry geometry, PoolingKind kind, double exponent = 1)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (input.Layout == Graphs.Layout.ChannelsLast && ChannelsSuit(geometry, kind))
        {
            Channels(context, geometry, kind, input, output);
            return;
        }
        var items = Items(output, geometry.Output);
        var kernel = context.Choose(PoolingWindow.Family.Variants, input);
        context.Dispatch(kernel)
            .Parameters(geometry.Parameters(input.Shape[1], items, exponent))
            .Bind(PoolingWindow.Bindings.Source, input)
            .Bind(PoolingWindow.Bindings.Result, output)
            .Constant(PoolingWindow.Constants.ChannelsLast, IsChannelsLast(output))
            .Constant(PoolingWindow.Constants.Adaptive, geometry.Adaptive ? 1 : 0)
            .Constant(PoolingWindow.Constants.Kind, (long)kind)
            .Constant(PoolingWindow.Constants.CountPadding, geometry.CountPadding ? 1 : 0)
            .Constant(PoolingWindow.Constants.Aligned, IsAligned(output))
            .Epilogue(context.Epilogue, ChannelEpilogue.Operands(context))
            .Cost(1.0 * output.Shape.ElementCount * geometry.Window.Taps, input.Bytes + output.Bytes)
            .RunLinear(items, GroupSize);
    }

    /// <summary>Whether the kernel that pools a channels-last tensor can store the result dense.</summary>
    public static bool CanStoreDense(PoolGeometry geometry, PoolingKind kind) => ChannelsSuit(geometry, kind);

    // Small windows of channels-last tensors: neighbours share what they read.
    private static bool ChannelsSuit(PoolGeometry geometry, PoolingKind kind) =>
        !geometry.Adaptive && kind is PoolingKind.Maximum or PoolingKind.Average or PoolingKind.Sum
        && geometry.Window.Kernel[1..].All(k => k <= 5) && geometry.Window.Stride[1..].All(s => s <= 2) && geometry.Window.Dilation.All(d => d == 1);

    private static void Channels(LoweringContext context, PoolGeometry geometry, PoolingKind kind, DeviceTensor input, DeviceTensor output)
    {
        const int run = 4;
        // Rows made together share what they read: that suits a CPU driver, where loads are dear, and only while they leave registers for it.
        var lines = !context.Profile.IsSoftware || geometry.Output[1] == 1 ? 1 : geometry.Window.Stride[1] == 1 && kind != PoolingKind.Maximum && geometry.Window.Kernel[1] <= 3 ? 4 : 2;
        var items = output.Shape[0] * geometry.Output[0] * ((geometry.Output[1] + lines - 1) / lines) * ((geometry.Output[2] + run - 1) / run) * (output.PaddedChannels / 4);
        context.Dispatch(context.Choose(PoolingChannels.Family.Variants, input))
            .Parameters(geometry.Parameters(input.Shape[1], items))
            .Bind(PoolingChannels.Bindings.Source, input)
            .Bind(PoolingChannels.Bindings.Result, output)
            .Constant(PoolingChannels.Constants.Kind, (long)kind)
            .Constant(PoolingChannels.Constants.CountPadding, geometry.CountPadding ? 1 : 0)
            .Constant(PoolingChannels.Constants.Taps, geometry.Window.Kernel[2])
            .Constant(PoolingChannels.Constants.Step, geometry.Window.Stride[2])
            .Constant(PoolingChannels.Constants.TapsDown, geometry.Window.Kernel[1])
            .Constant(PoolingChannels.Constants.StepDown, geometry.Window.Stride[1])
            .Constant(PoolingChannels.Constants.Deep, geometry.Window.Kernel[0] > 1 ? 1 : 0)
            .Constant(PoolingChannels.Constants.Lines, lines)
            .Constant(PoolingChannels.Constants.DenseResult, output.Layout == Graphs.Layout.ChannelsLast ? 0 : output.Shape[1] % 4 == 0 ? 2 : 1)
            .Constant(PoolingChannels.Constants.Aligned, 1)
            .Epilogue(context.Epilogue, ChannelEpilogue.Operands(context, Graphs.Layout.ChannelsLast))
            .Cost(1.0 * output.Shape.ElementCount * geometry.Window.Taps, input.Bytes + output.Bytes)
            .RunLinear(items, GroupSize);
    }

    /// <summary>The gradient of a pooling by windows in its input.</summary>
    /// <param name="context">The node; its output 0 has the pooling's input shape.</param>
    /// <param name="geometry">The pooling's windows.</param>
    /// <param name="kind">Average, sum or maximum.</param>
    /// <param name="upstream">Gradient of the pooling's output.</param>
    /// <param name="input">The pooling's input; read for maxima only.</param>
    public static void Gradient(LoweringContext context, PoolGeometry geometry, PoolingKind kind, DeviceTensor upstream, DeviceTensor input)
    {
        var output = context.Output(0);
        var items = Items(output, geometry.Input);
        var kernel = context.Choose(PoolingGradient.Family.Variants, upstream, input);
        context.Dispatch(kernel)
            .Parameters(geometry.Parameters(output.Shape[1], items))
            .Bind(PoolingGradient.Bindings.Source, input)
            .Bind(PoolingGradient.Bindings.Upstream, upstream)
            .Bind(PoolingGradient.Bindings.Result, output)
            .Constant(PoolingGradient.Constants.ChannelsLast, IsChannelsLast(output))
            .Constant(PoolingGradient.Constants.Adaptive, geometry.Adaptive ? 1 : 0)
            .Constant(PoolingGradient.Constants.Kind, (long)kind)
            .Constant(PoolingGradient.Constants.CountPadding, geometry.CountPadding ? 1 : 0)
            .Constant(PoolingGradient.Constants.Aligned, IsAligned(output))
            .Cost(1.0 * upstream.Shape.ElementCount * geometry.Window.Taps, upstream.Bytes + output.Bytes)
            .RunLinear(items, GroupSize);
    }

    /// <summary>Maxima and the places where they were found, dense.</summary>
    public static void MaximaWithIndices(LoweringContext context, PoolGeometry geometry, bool columnMajor)
    {
        var (input, output, indices) = (context.Input(0), context.Output(0), context.Output(1));
        context.Dispatch(context.Choose(PoolingMaxWithIndices.Family.Variants, input))
            .Parameters(geometry.Parameters(input.Shape[1], output.Shape.ElementCount))
            .Bind(PoolingMaxWithIndices.Bindings.Source, input)
            .Bind(PoolingMaxWithIndices.Bindings.Result, output)
            .Bind(PoolingMaxWithIndices.Bindings.Indices, indices)
            .Constant(PoolingMaxWithIndices.Constants.Adaptive, geometry.Adaptive ? 1 : 0)
            .Constant(PoolingMaxWithIndices.Constants.ColumnMajor, columnMajor ? 1 : 0)
            .Cost(1.0 * output.Shape.ElementCount * geometry.Window.Taps, input.Bytes + output.Bytes + indices.Bytes)
            .RunLinear(output.Shape.ElementCount, GroupSize);
    }

    /// <summary>Repeats every element in a block of the window's stride, or puts it first among zeros; in the layout of the output, the input also dense where that is channels-last.</summary>
    public static void Repeat(LoweringContext context, PoolGeometry geometry, bool nails)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        // Channels-last an invocation makes all blocks of four channels of an element, dense four neighbours.
        var items = Items(output, output.Layout == Graphs.Layout.ChannelsLast ? geometry.Input : geometry.Output);
        context.Dispatch(context.Choose(PoolingRepeat.Family.Variants, input))
            .Parameters(geometry.Parameters(input.Shape[1], items))
            .Bind(PoolingRepeat.Bindings.Source, input)
            .Bind(PoolingRepeat.Bindings.Result, output)
            .Constant(PoolingRepeat.Constants.ChannelsLast, IsChannelsLast(output))
            .Constant(PoolingRepeat.Constants.DenseSource, 1 - IsChannelsLast(input))
            .Constant(PoolingRepeat.Constants.Columns, geometry.Window.Stride[2])
            .Constant(PoolingRepeat.Constants.Nails, nails ? 1 : 0)
            .Constant(PoolingRepeat.Constants.Aligned, IsAligned(output))
            .Epilogue(context.Epilogue, ChannelEpilogue.Operands(context))
            .Cost(0, input.Bytes + output.Bytes)
            .RunLinear(items, GroupSize);
    }

    /// <summary>Pools over all positions.</summary>
    public static void Global(LoweringContext context, PoolingKind kind, double exponent)
    {
        // Above this many elements in a row, 64 invocations share it.
        const long longRow = 1024;
        var (input, output) = (context.Input(0), context.Output(0));
        var channelsLast = output.Layout == Graphs.Layout.ChannelsLast;
        var rows = channelsLast ? output.Shape[0] * output.PaddedChannels / 4 : output.Shape[0] * output.Shape[1];
        var positions = input.Shape.Product(2, input.Shape.Rank);
        var lanes = positions >= longRow ? GroupSize : 1;
        context.Dispatch(context.Choose(PoolingGlobal.Family.Variants, input))
            .Parameters(checked(new PoolingGlobal.Parameters { Rows = (int)rows, Channels = (int)output.Shape[1], Positions = (int)positions, Exponent = (float)exponent }))
            .Bind(PoolingGlobal.Bindings.Source, input)
            .Bind(PoolingGlobal.Bindings.Result, output)
            .Constant(PoolingGlobal.Constants.ChannelsLast, channelsLast ? 1 : 0)
            .Constant(PoolingGlobal.Constants.Kind, (long)kind)
            .Constant(PoolingGlobal.Constants.Lanes, lanes)
            .Constant(PoolingGlobal.Constants.Aligned, channelsLast ? 1 : 0)
            .Epilogue(context.Epilogue, ChannelEpilogue.Operands(context))
            .Cost(input.Shape.ElementCount, input.Bytes + output.Bytes)
            .RunLinear(rows * lanes, GroupSize);
    }

    private static long IsChannelsLast(DeviceTensor tensor) => tensor.Layout == Graphs.Layout.ChannelsLast ? 1 : 0;

    // Whether every invocation of a window kernel stores four elements from a multiple of four on.
    private static long IsAligned(DeviceTensor tensor) => tensor.Layout == Graphs.Layout.ChannelsLast || tensor.Shape[-1] % 4 == 0 ? 1 : 0;

    private static long Items(DeviceTensor tensor, long[] sizes) => tensor.Layout == Graphs.Layout.ChannelsLast
        ? tensor.Shape[0] * sizes[0] * sizes[1] * sizes[2] * (tensor.PaddedChannels / 4)
        : tensor.Shape[0] * tensor.Shape[1] * sizes[0] * sizes[1] * ((sizes[2] + 3) / 4);
}
