using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>
/// A channels-last convolution with positions along the lanes, for few filters, which would leave lanes idle otherwise: four positions of a lane
/// are neighbours whose taps share what they read (convolution/runs), or for wide, dilated or far windows any four (convolution/positions).
/// </summary>
internal sealed class PositionsConvolution
{
    private const int Run = 4;
    private const int MostRunTaps = 11;

    private readonly ConvolutionCall _call;
    private readonly KernelDescriptor _kernel;
    private readonly bool _runs;

    private PositionsConvolution(ConvolutionCall call, KernelDescriptor kernel)
    {
        _call = call;
        _kernel = kernel;
        _runs = kernel.Name == ConvolutionRuns.Family.Name;
    }

    /// <summary>Names of the variants that can be asked for on a device; those for blocks of one texel are taken along with their namesakes.</summary>
    public static IEnumerable<KernelDescriptor> Variants(DeviceProfile profile) =>
        profile.VariantsOf(ConvolutionRuns.Family).Concat(profile.VariantsOf(ConvolutionPositions.Family)).Where(v => !IsSingle(v));

    private ConvolutionGeometry Geometry => _call.Geometry;

    private int Lanes => _runs ? ConvolutionRuns.Defines.Lanes(_kernel) : ConvolutionPositions.Defines.Lanes(_kernel);

    private int Rows => _runs ? ConvolutionRuns.Defines.Rows(_kernel) : ConvolutionPositions.Defines.Rows(_kernel);

    // What a run reads serves so many taps on average: two where three taps step by one, for which the speeds were measured, of four channels each.
    private double Speed => _runs
        ? ConvolutionRuns.Defines.Speed(_kernel) * Math.Pow(Run * Taps / (double)((Run - 1) * Geometry.Window.Stride[2] + Taps) / 2, 0.6) * Math.Pow(4.0 / Math.Min(Channels, 4), 0.4)
        : ConvolutionPositions.Defines.Speed(_kernel);

    private long Taps => Geometry.Window.Kernel[2];

    private long Channels => Geometry.WideChannels / Geometry.Groups;

    private long Filters => Geometry.NarrowChannels / Geometry.Groups;

    private long FilledChannels => ChannelsLastConvolution.Fill(checked((int)Channels));

    private long DepthTexels => ChannelsLastConvolution.Divide(Geometry.Taps * FilledChannels, 8) * 2;

    private long GroupTexels => ChannelsLastConvolution.Divide(Filters, Rows) * Rows * DepthTexels;

    /// <summary>Multiply-adds per unit of depth, idle rows and lanes included, in units of what the fastest tile of gemm/packed takes for one.</summary>
    public double Work => 100.0 / Speed * ((Workgroups + 1) / 2 * 2) * 4 * Lanes * Rows;

    private long Workgroups
    {
        get
        {
            var sizes = Geometry.NarrowSizes;
            var lanes = _runs
                ? ChannelsLastConvolution.Divide(Geometry.Batch * sizes[0] * sizes[1] * ChannelsLastConvolution.Divide(sizes[2], Run), Lanes)
                : ChannelsLastConvolution.Divide(Geometry.Batch * Geometry.NarrowPositions, 4 * Lanes);
            return lanes * ChannelsLastConvolution.Divide(Filters, Rows) * Geometry.Groups;
        }
    }

    /// <summary>The best variant for a convolution, or the one asked for; null where the device has none.</summary>
    public static PositionsConvolution? For(ConvolutionCall call)
    {
        var (g, profile) = (call.Geometry, call.Context.Profile);
        var single = ChannelsLastConvolution.Texels(g.WideChannels / g.Groups) % 2 != 0;
        var possible = new List<PositionsConvolution>();
        if (g.Window is { Kernel: [_, _, > 1 and <= MostRunTaps], Stride: [_, _, <= 4], Dilation: [_, _, 1] })
            foreach (var kernel in profile.VariantsOf(ConvolutionRuns.Family)) possible.Add(new PositionsConvolution(call, kernel));
        foreach (var kernel in profile.VariantsOf(ConvolutionPositions.Family))
            if (IsSingle(kernel) == single) possible.Add(new PositionsConvolution(call, kernel));
        if (possible.Exists(c => c.Lanes == profile.SubgroupSize)) possible.RemoveAll(c => c.Lanes != profile.SubgroupSize);
        return (call.Context.Variant is { } wanted ? possible.Find(c => c.IsNamed(wanted)) : null) ?? possible.MinBy(c => c.Work);
    }

    // For blocks of one texel of channels.
    private static bool IsSingle(KernelDescriptor kernel) => kernel.Variant.EndsWith("_single", StringComparison.Ordinal);

    /// <summary>Whether this is the variant asked for; blocks of one texel count as the same.</summary>
    public bool IsNamed(string? variant) => variant is not null && _kernel.Variant.Replace("_single", "", StringComparison.Ordinal) == variant;

    /// <summary>Writes the calls.</summary>
    public void Lower()
    {
        var weight = PackWeights();
        var dispatch = _call.Context.Dispatch(_kernel)
            .Parameters(ChannelsLastConvolution.ParametersOf(_call, transposed: false, GroupTexels))
            .Bind(ConvolutionPositions.Bindings.Source, _call.Input)
            .Bind(ConvolutionPositions.Bindings.Weight, weight)
            .Bind(ConvolutionPositions.Bindings.Result, _call.Output)
            .Epilogue(_call.Program, _call.Operands)
            .Constant(ConvolutionPositions.Constants.Aligned, 1);
        if (_runs)
            dispatch.Constant(ConvolutionRuns.Constants.Taps, Taps)
                .Constant(ConvolutionRuns.Constants.Step, Geometry.Window.Stride[2])
                .Constant(ConvolutionRuns.Constants.Channels, Math.Min(Channels, 4));
        dispatch.Cost(_call.Cost.Flops, _call.Cost.Bytes).RunLinear(Workgroups, 1);
    }

    private DeviceTensor PackWeights()
    {
        var (taps, channels, filters, rows) = checked(((int)Geometry.Taps, (int)Channels, (int)Filters, Rows));
        var type = TensorType.Float(Geometry.Groups, GroupTexels * 4);
        return _call.Context.Packed(_call.Weight, $"rows {rows} {Geometry.Groups} {filters} {channels} {taps} {_call.WeightIsAdjoint}", type, target =>
            ChannelsLastConvolution.PackRight(_call, _call.Weight, target, filters, taps, channels, rows,
                // The adjoint of a convolution meets its taps in the opposite order.
                start: _call.WeightIsAdjoint ? taps - 1 : 0,
                tapStride: _call.WeightIsAdjoint ? -1 : 1,
                channelStride: _call.WeightIsAdjoint ? filters * taps : taps,
                columnStride: _call.WeightIsAdjoint ? taps : channels * taps,
                groups: checked((int)Geometry.Groups), groupStride: checked(filters * channels * taps)));
    }
}
