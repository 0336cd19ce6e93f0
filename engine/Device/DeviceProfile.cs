using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>
/// Everything the compiler wants to know about a device, as plain data: a profile can be written down in a test and
/// compiled for without any driver. The defaults are those of a poor but conforming device.
/// </summary>
public sealed record DeviceProfile
{
    // Beside the profile rather than in it: a copy with other facts runs other kernels.
    private static readonly ConditionalWeakTable<DeviceProfile, ConcurrentDictionary<KernelFamily, KernelDescriptor[]>> Runnable = [];

    /// <summary>The device's name, as the driver gives it.</summary>
    public string Name { get; init; } = "unnamed device";

    /// <summary>What kind of hardware it is.</summary>
    public DeviceType Type { get; init; } = DeviceType.Other;

    /// <summary>Whether the driver runs on the CPU.</summary>
    public bool IsSoftware { get; init; }

    /// <summary>PCI vendor number (0x10de NVIDIA, 0x1002 AMD, 0x8086 Intel, 0x10005 Mesa).</summary>
    public uint VendorId { get; init; }

    /// <summary>The vendor's number for the device.</summary>
    public uint DeviceId { get; init; }

    /// <summary>The driver's short name (<c>llvmpipe</c>, <c>NVIDIA</c>, <c>radv</c>).</summary>
    public string DriverName { get; init; } = "";

    /// <summary>The driver's own version text (<c>Mesa 22.3.6 (LLVM 15.0.6)</c>).</summary>
    public string DriverInfo { get; init; } = "";

    /// <summary>The driver's version number; its packing is the vendor's affair.</summary>
    public uint DriverVersion { get; init; }

    /// <summary>The Vulkan version that the device offers.</summary>
    public Version ApiVersion { get; init; } = new(1, 2, 0);

    /// <summary>The driver's 16-byte key for compiled pipelines, in hexadecimal: it changes when old binaries no longer fit.</summary>
    public string PipelineCacheId { get; init; } = "";

    /// <summary>The features present and not disabled; names in <see cref="DeviceFeatures"/>.</summary>
    public IReadOnlySet<string> Features { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Invocations in a subgroup when a pipeline asks for no other size.</summary>
    public int SubgroupSize { get; init; } = 4;

    /// <summary>The smallest subgroup size that a pipeline may ask for; equal to <see cref="SubgroupSize"/> without size control.</summary>
    public int MinSubgroupSize { get; init; } = 4;

    /// <summary>The largest subgroup size that a pipeline may ask for.</summary>
    public int MaxSubgroupSize { get; init; } = 4;

    /// <summary>Largest product of a workgroup's three sizes.</summary>
    public int MaxWorkgroupInvocations { get; init; } = 128;

    /// <summary>Largest workgroup size along x, y and z.</summary>
    public (int X, int Y, int Z) MaxWorkgroupSize { get; init; } = (128, 128, 64);

    /// <summary>Largest number of workgroups of a dispatch along x, y and z.</summary>
    public (long X, long Y, long Z) MaxWorkgroupCount { get; init; } = (65535, 65535, 65535);

    /// <summary>Shared memory of a workgroup, in bytes.</summary>
    public int MaxSharedMemoryBytes { get; init; } = 16384;

    /// <summary>Largest range of one storage-buffer binding, in bytes.</summary>
    public long MaxStorageBufferRange { get; init; } = 1L << 27;

    /// <summary>Largest range of one uniform-buffer binding, in bytes.</summary>
    public long MaxUniformBufferRange { get; init; } = 16384;

    /// <summary>Largest texel-buffer view, in texels (of 16 bytes as VkNet uses them).</summary>
    public long MaxTexelBufferElements { get; init; } = 65536;

    /// <summary>Largest single allocation, in bytes.</summary>
    public long MaxAllocationBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of the largest heap of device memory.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Alignment, in bytes, at which a tensor may start so that it can be bound in any way: the largest of the storage,
    /// uniform and texel offset alignments and 64 (a cache line, and a whole number of 16-byte texels).
    /// </summary>
    public int BufferAlignment { get; init; } = 256;

    /// <summary>Alignment, in bytes, that the device asks of the offset of a storage-buffer binding.</summary>
    public int StorageAlignment { get; init; } = 256;

    /// <summary>Alignment, in bytes, that the device asks of the offset of a uniform-buffer binding.</summary>
    public int UniformAlignment { get; init; } = 256;

    /// <summary>Alignment, in bytes, that the device asks of the offset of a texel-buffer view; at least the 16 of a texel.</summary>
    public int TexelAlignment { get; init; } = 256;

    /// <summary>Granularity of flushing and invalidating memory that is not coherent, in bytes.</summary>
    public int NonCoherentAtomBytes { get; init; } = 64;

    /// <summary>Nanoseconds per timestamp tick.</summary>
    public double TimestampPeriod { get; init; } = 1;

    /// <summary>Bits of a timestamp that are valid; 0 when the queue has none.</summary>
    public int TimestampValidBits { get; init; } = 64;

    /// <summary>The matrix products done in hardware.</summary>
    public IReadOnlyList<CooperativeMatrixShape> CooperativeMatrices { get; init; } = [];

    /// <summary>Whether out-of-range accesses through descriptors are bounded by the device.</summary>
    public bool RobustAccess { get; init; } = true;

    /// <summary>Largest range of one texel-buffer binding, in bytes.</summary>
    public long MaxTexelBufferRange => MaxTexelBufferElements * 16;

    /// <summary>Whether the host reads and writes the device's own memory without a copy.</summary>
    public bool IsUnifiedMemory => Has(DeviceFeatures.UnifiedMemory);

    /// <summary>
    /// A text that changes whenever compiled pipelines or tuning results for this device may no longer hold: device,
    /// driver, version, subgroup size.
    /// </summary>
    public string Fingerprint =>
        $"{Name}|{DriverName}|{DriverInfo}|{DriverVersion:x}|{VendorId:x4}:{DeviceId:x4}|{ApiVersion}|{PipelineCacheId}|subgroup {SubgroupSize}";

    /// <summary>Whether a feature is present and not disabled.</summary>
    public bool Has(string feature) => Features.Contains(feature);

    /// <summary>Whether a pipeline can be made to run with this subgroup size.</summary>
    public bool OffersSubgroupSize(int size) =>
        size == SubgroupSize || (Has(DeviceFeatures.SubgroupSizeControl) && size >= MinSubgroupSize && size <= MaxSubgroupSize);

    /// <summary>The variants of a kernel that can run on this device, in the family's order; worked out once.</summary>
    /// <param name="family">The kernel.</param>
    /// <returns>Those for which <see cref="WhyNot"/> has no reason; empty when there is none.</returns>
    public IReadOnlyList<KernelDescriptor> VariantsOf(KernelFamily family) =>
        Runnable.GetOrCreateValue(this).GetOrAdd(family, static (f, profile) => [.. f.Variants.Where(v => profile.WhyNot(v) is null)], this);

    /// <summary>Why a kernel cannot run on this device, in a few words; null when it can.</summary>
    public string? WhyNot(KernelDescriptor kernel)
    {
        var needs = kernel.Requirements;
        if (needs.SubgroupSize is { } size && !OffersSubgroupSize(size)) return $"needs subgroups of {size}, the device has {SubgroupSize}";
        if (needs.Texels && !Has(DeviceFeatures.TexelBuffer)) return "needs texel buffers";
        if (needs.SharedBytes > MaxSharedMemoryBytes) return $"needs {needs.SharedBytes} bytes of shared memory, the device has {MaxSharedMemoryBytes}";
        if (needs.Invocations > MaxWorkgroupInvocations) return $"needs workgroups of {needs.Invocations}, the device allows {MaxWorkgroupInvocations}";
        foreach (var feature in needs.Features)
        {
            if (!Has(feature)) return $"needs {feature}";
        }
        return null;
    }
}
