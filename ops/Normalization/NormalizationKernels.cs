using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Normalization;

/// <summary>Writes the calls of the normalisation kernels.</summary>
internal static class NormalizationKernels
{
    private const int GroupSize = 64;

    /// <summary>How often <see cref="Normalize"/> reads every element: for the mean, for the spread and to scale it.</summary>
    public const int Reads = 3;

    /// <summary>Normalises groups by their own statistics.</summary>
    /// <param name="context">The node; input 0 becomes output 0.</param>
    /// <param name="groups">The groups, as the input lies in memory.</param>
    /// <param name="kind">What a group is divided by.</param>
    /// <param name="epsilon">Added under the root.</param>
    /// <param name="scale">Factors; null for none.</param>
    /// <param name="shift">Summands; null for none.</param>
    /// <param name="placement">Where factors and summands are found.</param>
    /// <param name="channels">Channels that a row operand of the epilogue is indexed with.</param>
    public static void Normalize(LoweringContext context, ElementGroups groups, NormalizationKind kind, double epsilon, DeviceTensor? scale, DeviceTensor? shift, ScalePlacement placement, long channels)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var kernel = context.Choose(NormalizationNormalize.Family.Variants, input);
        var (vector, lanes, rows) = Arrange(kernel, groups);
        // Runs of one scale are walked one after the other where they are long enough to occupy the lanes.
        var how = vector != 1 ? 2 : placement == ScalePlacement.PerElement ? 1 : placement.Run % 4 == 0 && placement.Run >= 4 * lanes ? 3 : 2;
        var (program, operands) = context.Prologue is { } prologue ? (prologue, PrologueOperands.Of(context, prologue, input)) : (context.Epilogue, ChannelEpilogue.Operands(context));
        context.Dispatch(kernel)
            .Parameters(checked(new NormalizationNormalize.Parameters
            {
                ReducedOuter = (int)groups.ReducedOuter, KeptOuter = (int)groups.KeptOuter, ReducedInner = (int)groups.ReducedInner, KeptInner = (int)groups.KeptInner,
                Epsilon = (float)epsilon,
                ScaleDivisor = (int)placement.Divisor, ScaleModulus = (int)placement.Modulus, ScaleFactor = (int)placement.Factor, ScaleRun = (int)placement.Run,
                Channels = (int)channels,
            }))
            .Bind(NormalizationNormalize.Bindings.Source, input)
            .Bind(NormalizationNormalize.Bindings.Scale, scale ?? input)
            .Bind(NormalizationNormalize.Bindings.Shift, shift ?? input)
            .Bind(NormalizationNormalize.Bindings.Result, output)
            .Constant(NormalizationNormalize.Constants.Vector, vector)
            .Constant(NormalizationNormalize.Constants.Contiguous, IsContiguous(groups))
            .Constant(NormalizationNormalize.Constants.Lanes, lanes)
            .Constant(NormalizationNormalize.Constants.Kind, (long)kind)
            .Constant(NormalizationNormalize.Constants.Scale, scale is null ? 0 : how)
            .Constant(NormalizationNormalize.Constants.Shift, shift is null ? 0 : how)
            .Constant(NormalizationNormalize.Constants.Prologue, context.Prologue is null ? 0 : 1)
            .Constant(NormalizationNormalize.Constants.Aligned, vector == 0 ? 0 : 1)
            .Epilogue(program, operands)
            .Cost(8.0 * output.Shape.ElementCount, input.Bytes + output.Bytes)
            .RunLinear(rows * lanes, GroupSize);
    }

    /// <summary>Mean and variance (or one over its root) of groups.</summary>
    /// <param name="context">The node.</param>
    /// <param name="groups">The groups, as the source lies in memory.</param>
    /// <param name="source">The elements.</param>
    /// <param name="mean">Takes the means.</param>
    /// <param name="spread">Takes the variances.</param>
    /// <param name="inverseEpsilon">Added under the root when one over the standard deviation is wanted instead; null for the variance.</param>
    public static void Statistics(LoweringContext context, ElementGroups groups, DeviceTensor source, DeviceTensor mean, DeviceTensor spread, double? inverseEpsilon)
    {
        var kernel = context.Choose(NormalizationStatistics.Family.Variants, source);
        var (vector, lanes, rows) = Arrange(kernel, groups);
        context.Dispatch(kernel)
            .Parameters(checked(new NormalizationStatistics.Parameters
            {
                ReducedOuter = (int)groups.ReducedOuter, KeptOuter = (int)groups.KeptOuter, ReducedInner = (int)groups.ReducedInner, KeptInner = (int)groups.KeptInner,
                Epsilon = (float)(inverseEpsilon ?? 0), Groups = (int)mean.Shape.ElementCount,
            }))
            .Bind(NormalizationStatistics.Bindings.Source, source)
            .Bind(NormalizationStatistics.Bindings.Mean, mean)
            .Bind(NormalizationStatistics.Bindings.Spread, spread)
            .Constant(NormalizationStatistics.Constants.Vector, vector)
            .Constant(NormalizationStatistics.Constants.Contiguous, IsContiguous(groups))
            .Constant(NormalizationStatistics.Constants.Lanes, lanes)
            .Constant(NormalizationStatistics.Constants.Inverse, inverseEpsilon is null ? 0 : 1)
            .Cost(4.0 * source.Shape.ElementCount, source.Bytes)
            .RunLinear(rows * lanes, GroupSize);
    }

    /// <summary>Normalises every channel by given statistics.</summary>
    public static void ChannelAffine(LoweringContext context, DeviceTensor mean, DeviceTensor variance, DeviceTensor scale, DeviceTensor shift, double epsilon)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        var (items, positions, channelsLast, aligned) = Spread(output);
        context.Dispatch(context.Choose(NormalizationChannelAffine.Family.Variants, input, mean))
            .Parameters(checked(new NormalizationChannelAffine.Parameters { Items = (int)items, Channels = (int)output.Shape[1], Positions = (int)positions, Epsilon = (float)epsilon }))
            .Bind(NormalizationChannelAffine.Bindings.Source, input)
            .Bind(NormalizationChannelAffine.Bindings.Mean, mean)
            .Bind(NormalizationChannelAffine.Bindings.Variance, variance)
            .Bind(NormalizationChannelAffine.Bindings.Scale, scale)
            .Bind(NormalizationChannelAffine.Bindings.Shift, shift)
            .Bind(NormalizationChannelAffine.Bindings.Result, output)
            .Constant(NormalizationChannelAffine.Constants.ChannelsLast, channelsLast)
            .Constant(NormalizationChannelAffine.Constants.Aligned, aligned)
            .Epilogue(context.Epilogue, ChannelEpilogue.Operands(context))
            .Cost(4.0 * output.Shape.ElementCount, input.Bytes + output.Bytes)
            .RunLinear(items, GroupSize);
    }

    /// <summary>Moves running statistics toward a batch's.</summary>
    public static void Running(LoweringContext context, DeviceTensor runningMean, DeviceTensor runningVariance, DeviceTensor mean, DeviceTensor variance, double momentum)
    {
        var channels = mean.Shape.ElementCount;
        context.Dispatch(context.Choose(NormalizationRunning.Family.Variants, mean))
            .Parameters(checked(new NormalizationRunning.Parameters { Channels = (int)channels, Momentum = (float)momentum }))
            .Bind(NormalizationRunning.Bindings.RunningMean, runningMean)
            .Bind(NormalizationRunning.Bindings.RunningVariance, runningVariance)
            .Bind(NormalizationRunning.Bindings.BatchMean, mean)
            .Bind(NormalizationRunning.Bindings.BatchVariance, variance)
            .Bind(NormalizationRunning.Bindings.NextMean, context.Output(1))
            .Bind(NormalizationRunning.Bindings.NextVariance, context.Output(2))
            .Cost(6.0 * channels, 24.0 * channels)
            .RunLinear(channels, GroupSize);
    }

    /// <summary>Local response normalisation across channels.</summary>
    public static void LocalResponse(LoweringContext context, long size, double alpha, double beta, double bias)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        var (items, positions, channelsLast, aligned) = Spread(output);
        context.Dispatch(context.Choose(NormalizationLocalResponse.Family.Variants, input))
            .Parameters(checked(new NormalizationLocalResponse.Parameters
            {
                Items = (int)items, Channels = (int)output.Shape[1], Positions = (int)positions,
                Before = (int)Math.Min((size - 1) / 2, output.Shape[1]), After = (int)Math.Min(size / 2, output.Shape[1]),
                Share = (float)(alpha / size), Beta = (float)beta, Bias = (float)bias,
            }))
            .Bind(NormalizationLocalResponse.Bindings.Source, input)
            .Bind(NormalizationLocalResponse.Bindings.Result, output)
            .Constant(NormalizationLocalResponse.Constants.ChannelsLast, channelsLast)
            .Constant(NormalizationLocalResponse.Constants.Aligned, aligned)
            .Epilogue(context.Epilogue, ChannelEpilogue.Operands(context))
            .Cost((2.0 * size + 20) * output.Shape.ElementCount, input.Bytes + output.Bytes)
            .RunLinear(items, GroupSize);
    }

    /// <summary>Groups of a tensor [N, C, positions] that extend over images and positions, or over positions only, as it lies in memory.</summary>
    public static ElementGroups PerChannel(DeviceTensor tensor, bool perImage)
    {
        var (images, positions) = (tensor.Shape[0], tensor.Shape.Product(2, tensor.Shape.Rank));
        if (tensor.Layout == Graphs.Layout.ChannelsLast)
            return perImage ? new ElementGroups(1, images, positions, tensor.PaddedChannels) : new ElementGroups(1, 1, images * positions, tensor.PaddedChannels);
        return perImage ? new ElementGroups(1, images * tensor.Shape[1], positions, 1) : ElementGroups.Of(images, tensor.Shape[1], positions, 1);
    }

    private static long IsContiguous(ElementGroups groups) => groups is { ReducedOuter: 1, KeptInner: 1 } ? 1 : 0;

    private static (int Vector, int Lanes, long Rows) Arrange(KernelDescriptor kernel, ElementGroups groups)
    {
        var vector = groups.KeptInner % 4 == 0 ? 2 : groups.KeptInner == 1 && groups.ReducedInner % 4 == 0 ? 1 : 0;
        var steps = vector == 1 ? groups.Size / 4 : groups.Size;
        var rows = vector == 2 ? groups.Count / 4 : groups.Count;
        return (vector, RowLanes.Of(kernel, steps, rows), rows);
    }

    private static (long Items, long Positions, int ChannelsLast, int Aligned) Spread(DeviceTensor tensor)
    {
        var positions = tensor.Shape.Product(2, tensor.Shape.Rank);
        return tensor.Layout == Graphs.Layout.ChannelsLast
            ? (tensor.Shape[0] * positions * (tensor.PaddedChannels / 4), positions, 1, 1)
            : (tensor.Shape[0] * tensor.Shape[1] * ((positions + 3) / 4), positions, 0, positions % 4 == 0 ? 1 : 0);
    }
}
