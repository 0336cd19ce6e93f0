namespace VkNet.Shaders;

/// <summary>What a device must offer for a kernel variant to run on it.</summary>
public sealed record KernelRequirements
{
    /// <summary>The subgroup size the variant is written for, or null where any will do.</summary>
    public int? SubgroupSize { get; init; }

    /// <summary>Whether tensors are bound as texel buffers, so that the device's texel limit bounds their size.</summary>
    public bool Texels { get; init; }

    /// <summary>Shared memory of a workgroup in bytes.</summary>
    public int SharedBytes { get; init; }

    /// <summary>Invocations of a workgroup.</summary>
    public int Invocations { get; init; } = 1;

    /// <summary>
    /// Names of optional device features, ordered: <c>subgroup_basic</c>, <c>subgroup_vote</c>, <c>subgroup_arithmetic</c>, <c>subgroup_ballot</c>,
    /// <c>subgroup_shuffle</c>, <c>subgroup_shuffle_relative</c>, <c>subgroup_clustered</c>, <c>subgroup_quad</c>, <c>float16</c>, <c>float64</c>,
    /// <c>int8</c>, <c>int16</c>, <c>int64</c>, <c>storage8</c>, <c>storage16</c>, <c>signed_zero_inf_nan_preserve</c>, <c>cooperative_matrix</c> and so on.
    /// A device that does not know a name does not meet it.
    /// </summary>
    public IReadOnlyList<string> Features { get; init; } = [];
}
