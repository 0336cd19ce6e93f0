using VkNet.Compilation;
using VkNet.Operators.Gemm;
using VkNet.Operators.Layout.Lowering;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>A channels-last convolution with positions along the lanes (convolution/positions): for few filters, which would leave lanes idle otherwise.</summary>
internal sealed class PositionsConvolution
{
    private readonly ConvolutionCall _call;
    private readonly KernelDescriptor _kernel;

    private PositionsConvolution(ConvolutionCall call, KernelDescriptor kernel)
    {
        _call = call;
        _kernel = kernel;
    }

    private ConvolutionGeometry Geometry => _call.Geometry;

    private int Lanes => ConvolutionPositions.Defines.Lanes(_kernel);

    private long Channels => Geometry.WideChannels / Geometry.Groups;

    private long Filters => Geometry.NarrowChannels / Geometry.Groups;

    private long FilledChannels => ChannelsLastConvolution.Fill(checked((int)Channels));

    private long DepthTexels => ChannelsLastConvolution.Divide(Geometry.Taps * FilledChannels, 8) * 2;

    private long GroupTexels => ChannelsLastConvolution.Divide(Filters, Lanes) * Lanes * DepthTexels;

    /// <summary>Multiply-adds per unit of depth, idle rows and lanes included, in units of what the fastest tile of gemm/packed takes for one.</summary>
    public double Work => WorkOf(_kernel);

    private long Workgroups => WorkgroupsOf(_kernel);

    /// <summary>The best variant for a convolution, or the one asked for; null where the device has none.</summary>
    public static PositionsConvolution? For(ConvolutionCall call)
    {
        var single = ChannelsLastConvolution.Texels(call.Geometry.WideChannels / call.Geometry.Groups) % 2 != 0;
        var profile = call.Context.Profile;
        var possible = ConvolutionPositions.Family.Variants.Where(v => profile.WhyNot(v) is null && v.Variant.EndsWith("_single", StringComparison.Ordinal) == single)
            .Select(v => new PositionsConvolution(call, v)).ToList();
        var own = possible.Where(c => c.Lanes == profile.SubgroupSize).ToList();
        if (own.Count > 0) possible = own;
        return possible.FirstOrDefault(c => c.IsNamed(call.Context.Variant)) ?? possible.MinBy(c => c.Work);
    }

    /// <summary>Whether this is the variant asked for; blocks of one texel count as the same.</summary>
    public bool IsNamed(string? variant) => variant is not null && _kernel.Variant.Replace("_single", "", StringComparison.Ordinal) == variant;

    /// <summary>Writes the calls.</summary>
    public void Lower()
    {
        var g = Geometry;
        var weight = PackWeights();
        _call.Context.Dispatch(_kernel)
            .Parameters(checked(new ConvolutionPositions.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(g.WideSizes, ChannelsLastConvolution.Texels(g.WideChannels)),
                OutputSizes = ConvolutionGeometry.Pack(g.NarrowSizes, _call.Output.TexelPitch),
                ResultTexel = _call.Output.FirstTexel,
                Kernel = ConvolutionGeometry.Pack(g.Window.Kernel, FilledChannels / 4),
                Stride = ConvolutionGeometry.Pack(g.Window.Stride),
                Dilation = ConvolutionGeometry.Pack(g.Window.Dilation),
                Padding = ConvolutionGeometry.Pack(g.Window.PadBegin),
                Batch = (int)g.Batch,
                Groups = (int)g.Groups,
                Columns = (int)Filters,
                StoredColumns = ChannelsLastConvolution.Fill((int)Filters),
                GroupTexels = (int)GroupTexels,
            }))
            .Bind(ConvolutionPositions.Bindings.Source, _call.Input)
            .Bind(ConvolutionPositions.Bindings.Weight, weight)
            .Bind(ConvolutionPositions.Bindings.Result, _call.Output)
            .Epilogue(_call.Program, _call.Operands)
            .Constant(ConvolutionPositions.Constants.Aligned, 1)
            .Cost(_call.Cost.Flops, _call.Cost.Bytes)
            .RunLinear(Workgroups, 1);
    }

    private double WorkOf(KernelDescriptor kernel) =>
        100.0 / ConvolutionPositions.Defines.Speed(kernel) * ((WorkgroupsOf(kernel) + 1) / 2 * 2) * 4 * ConvolutionPositions.Defines.Lanes(kernel) * ConvolutionPositions.Defines.Rows(kernel);

    private long WorkgroupsOf(KernelDescriptor kernel) =>
        ChannelsLastConvolution.Divide(Geometry.Batch * Geometry.NarrowPositions, 4 * ConvolutionPositions.Defines.Lanes(kernel))
        * ChannelsLastConvolution.Divide(Filters, ConvolutionPositions.Defines.Rows(kernel)) * Geometry.Groups;

    // [filters][channels][taps] becomes rows of (tap, channel), channels filled up to texels, and these the left matrix of a product.
    private DeviceTensor PackWeights()
    {
        var (context, taps, depth) = (_call.Context, Geometry.Taps, Geometry.Taps * FilledChannels);
        var type = TensorType.Float(Geometry.Groups, GroupTexels * 4);
        return context.Packed(_call.Weight, $"rows {Geometry.Groups} {Filters} {Channels} {taps} {Lanes}", type, target =>
        {
            var source = _call.Weight;
            if (taps > 1 || Channels % 4 != 0)
            {
                source = context.Workspace("taps outermost", TensorType.Float(Geometry.NarrowChannels, depth));
                if (Channels != FilledChannels) context.Fill(source);
                StridedCopy.Run(context, _call.Weight, source, new StridedRegion([Geometry.NarrowChannels, taps, Channels], 0, [Channels * taps, 1, taps], 0, [depth, FilledChannels, 1]));
            }
            context.Dispatch(context.Choose(GemmPackLeft.Family.Variants, source))
                .Parameters(checked(new GemmPackLeft.Parameters
                {
                    Rows = (int)Filters, Depth = (int)depth, RowStride = (int)depth, DepthStride = 1, Lanes = Lanes,
                    BatchSizes = ConvolutionGeometry.Pack(1, 1, 1, Geometry.Groups), BatchStrides = ConvolutionGeometry.Pack(0, 0, 0, Filters * depth),
                }))
                .Bind(GemmPackLeft.Bindings.Source, source)
                .Bind(GemmPackLeft.Bindings.Result, target)
                .Constant(GemmPackLeft.Constants.Access, (long)BlockAccess.AlongB)
                .Cost(0, source.Bytes + target.Bytes)
                .RunLinear(target.Shape.ElementCount / 16, 64);
        });
    }
}
