using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>The sizes that convolution kernels take, over three axes, and which kernels can run a convolution.</summary>
/// <param name="Window">The window over three axes.</param>
/// <param name="Wide">Shape of the convolution's input (a transposed convolution's output).</param>
/// <param name="Narrow">Shape of the convolution's output (a transposed convolution's input).</param>
/// <param name="Groups">Number of groups.</param>
internal sealed record ConvolutionGeometry(SpatialWindow Window, Shape Wide, Shape Narrow, long Groups)
{
    internal long[] WideSizes { get; } = SpatialWindow.ThreeAxes(Wide);

    internal long[] NarrowSizes { get; } = SpatialWindow.ThreeAxes(Narrow);

    internal long Batch => Wide[0];

    internal long WideChannels => Wide[1];

    internal long NarrowChannels => Narrow[1];

    internal long Taps => Window.Taps;

    internal long NarrowPositions => NarrowSizes[0] * NarrowSizes[1] * NarrowSizes[2];

    internal long WidePositions => WideSizes[0] * WideSizes[1] * WideSizes[2];

    internal static ConvolutionGeometry Of(SpatialWindow window, Shape wide, Shape narrow, long groups) => new(window.ToThreeAxes(), wide, narrow, groups);

    /// <summary>Whether every channel has one filter of its own.</summary>
    internal bool IsDepthwise => Groups > 1 && Groups == WideChannels && WideChannels == NarrowChannels;

    /// <summary>Whether texels of four channels never reach across groups.</summary>
    internal bool GroupsFillTexels => Groups == 1 || (WideChannels / Groups % 4 == 0 && NarrowChannels / Groups % 4 == 0);

    /// <summary>Whether the device runs the texel kernels, and in groups of how many lanes; null when it does not.</summary>
    internal static int? Lanes(DeviceProfile profile, KernelFamily family)
    {
        foreach (var variant in profile.VariantsOf(family))
            if (variant.Requirements.SubgroupSize is { } lanes) return lanes;
        return null;
    }

    /// <summary>The layouts that a node can work in on a device.</summary>
    internal LayoutChoice Layouts(DeviceProfile profile, KernelFamily family, bool depthwiseToo)
    {
        if (Wide.ElementCount == 0 || Narrow.ElementCount == 0) return LayoutChoice.Dense;
        if (IsDepthwise && depthwiseToo) return profile.Has(DeviceFeatures.TexelBuffer) && TexelsFit(profile) ? LayoutChoice.PrefersChannelsLast : LayoutChoice.Either;
        return GroupsFillTexels && Lanes(profile, family) is not null && TexelsFit(profile) ? LayoutChoice.PrefersChannelsLast : LayoutChoice.Dense;
    }

    /// <summary>Three sizes and a fourth number as a kernel parameter.</summary>
    internal static IntArray4 Pack(long[] values, long last = 0)
    {
        var result = new IntArray4();
        for (var i = 0; i < 3; i++) result[i] = checked((int)values[i]);
        result[3] = checked((int)last);
        return result;
    }

    /// <summary>Four numbers as a kernel parameter.</summary>
    internal static IntArray4 Pack(long a, long b, long c, long d) => Pack([a, b, c], d);

    private bool TexelsFit(DeviceProfile profile) =>
        Math.Max(Batch * WidePositions * ((WideChannels + 3) / 4), Batch * NarrowPositions * ((NarrowChannels + 3) / 4)) <= profile.MaxTexelBufferElements;
}
