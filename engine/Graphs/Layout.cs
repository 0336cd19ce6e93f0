namespace VkNet.Graphs;

/// <summary>How a value lies in device memory. Logical shapes are always as written (NCHW); only the compiler's layout pass sets anything but dense.</summary>
public enum Layout
{
    /// <summary>Row-major, the last axis innermost, no padding.</summary>
    Dense,

    /// <summary>
    /// Channels innermost, in fours: logical [N, C, spatial...] lies as [N, spatial..., ceil(C/4)*4]. Pad lanes hold zero.
    /// </summary>
    ChannelsLast,
}
