namespace VkNet.Devices;

/// <summary>
/// Names of the optional abilities of a device. They stand in <see cref="DeviceProfile.Features"/>, in
/// <see cref="VkNet.Shaders.KernelRequirements.Features"/>, and in <see cref="DeviceOptions.DisabledFeatures"/>
/// (VKNET_DISABLE) to do without one.
/// </summary>
public static class DeviceFeatures
{
    /// <summary>Arithmetic on 16-bit floats.</summary>
    public const string Float16 = "float16";

    /// <summary>Arithmetic on 64-bit floats.</summary>
    public const string Float64 = "float64";

    /// <summary>Arithmetic on 8-bit integers.</summary>
    public const string Int8 = "int8";

    /// <summary>Arithmetic on 16-bit integers.</summary>
    public const string Int16 = "int16";

    /// <summary>Arithmetic on 64-bit integers.</summary>
    public const string Int64 = "int64";

    /// <summary>8-bit elements in storage buffers.</summary>
    public const string Storage8 = "storage8";

    /// <summary>16-bit elements in storage buffers.</summary>
    public const string Storage16 = "storage16";

    /// <summary>8-bit elements in uniform buffers.</summary>
    public const string Uniform8 = "uniform8";

    /// <summary>16-bit elements in uniform buffers.</summary>
    public const string Uniform16 = "uniform16";

    /// <summary>Texel buffers of four 32-bit floats, for loads and stores.</summary>
    public const string TexelBuffer = "texel_buffer";

    /// <summary>Subgroup election and barriers.</summary>
    public const string SubgroupBasic = "subgroup_basic";

    /// <summary>Subgroup votes.</summary>
    public const string SubgroupVote = "subgroup_vote";

    /// <summary>Subgroup sums, minima, maxima and scans.</summary>
    public const string SubgroupArithmetic = "subgroup_arithmetic";

    /// <summary>Subgroup ballot and broadcast.</summary>
    public const string SubgroupBallot = "subgroup_ballot";

    /// <summary>Subgroup shuffles.</summary>
    public const string SubgroupShuffle = "subgroup_shuffle";

    /// <summary>Subgroup shuffles up and down.</summary>
    public const string SubgroupShuffleRelative = "subgroup_shuffle_relative";

    /// <summary>Subgroup operations over clusters.</summary>
    public const string SubgroupClustered = "subgroup_clustered";

    /// <summary>Subgroup operations over quads.</summary>
    public const string SubgroupQuad = "subgroup_quad";

    /// <summary>A pipeline may ask for one of several subgroup sizes.</summary>
    public const string SubgroupSizeControl = "subgroup_size_control";

    /// <summary>NaN, infinities and the sign of zero are kept in 32-bit arithmetic by kernels that ask for it.</summary>
    public const string SignedZeroInfNanPreserve = "signed_zero_inf_nan_preserve";

    /// <summary>Rounding to nearest even in 32-bit arithmetic by kernels that ask for it.</summary>
    public const string RoundingModeRte = "rounding_mode_rte";

    /// <summary>Products of packed 8-bit integers.</summary>
    public const string IntegerDotProduct = "integer_dot_product";

    /// <summary>The Vulkan memory model.</summary>
    public const string VulkanMemoryModel = "vulkan_memory_model";

    /// <summary>Matrix products by VK_KHR_cooperative_matrix.</summary>
    public const string CooperativeMatrix = "cooperative_matrix";

    /// <summary>Matrix products by VK_NV_cooperative_matrix.</summary>
    public const string CooperativeMatrixNv = "cooperative_matrix_nv";

    /// <summary>The host writes and reads the device's own memory directly, without a staging copy.</summary>
    public const string UnifiedMemory = "unified_memory";

    /// <summary>The compute queue writes timestamps.</summary>
    public const string Timestamps = "timestamps";

    /// <summary>Pipelines are kept on disk between runs: an ability of VkNet, disabled to measure cold starts.</summary>
    public const string DiskCache = "disk_cache";

    /// <summary>Every name, in the order above.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Float16, Float64, Int8, Int16, Int64, Storage8, Storage16, Uniform8, Uniform16, TexelBuffer,
        SubgroupBasic, SubgroupVote, SubgroupArithmetic, SubgroupBallot, SubgroupShuffle, SubgroupShuffleRelative,
        SubgroupClustered, SubgroupQuad, SubgroupSizeControl, SignedZeroInfNanPreserve, RoundingModeRte,
        IntegerDotProduct, VulkanMemoryModel, CooperativeMatrix, CooperativeMatrixNv, UnifiedMemory, Timestamps, DiskCache,
    ];
}
