using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace VkNet.Devices;

/// <summary>Asks a Vulkan device for everything its <see cref="DeviceProfile"/> holds.</summary>
internal static unsafe class ProfileReader
{
    private const string SubgroupSizeControlExtension = "VK_EXT_subgroup_size_control";

    /// <summary>Reads the profile, leaving out disabled features, and says why the device cannot be used where it cannot.</summary>
    public static (DeviceProfile Profile, string? Unsuitable) Read(Vk api, Instance instance, PhysicalDevice device, IReadOnlySet<string> disabled)
    {
        var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2 };
        api.GetPhysicalDeviceProperties2(device, &properties);
        var version = (Version32)properties.Properties.ApiVersion;
        var name = Marshal.PtrToStringUTF8((nint)properties.Properties.DeviceName) ?? "";
        if (version.Value < Vk.Version12.Value)
        {
            // The structures asked for below came with Vulkan 1.2.
            return (new DeviceProfile { Name = name, Type = TypeOf(properties.Properties.DeviceType), ApiVersion = ToVersion(version) }, $"it offers Vulkan {version}, 1.2 is needed");
        }

        var has13 = version.Value >= Vk.Version13.Value;
        var hasSizeControl = has13 || api.IsDeviceExtensionPresent(device, SubgroupSizeControlExtension);
        var sizes = new PhysicalDeviceSubgroupSizeControlProperties { SType = StructureType.PhysicalDeviceSubgroupSizeControlProperties };
        var v13 = new PhysicalDeviceVulkan13Properties { SType = StructureType.PhysicalDeviceVulkan13Properties };
        var v12 = new PhysicalDeviceVulkan12Properties { SType = StructureType.PhysicalDeviceVulkan12Properties };
        var v11 = new PhysicalDeviceVulkan11Properties { SType = StructureType.PhysicalDeviceVulkan11Properties, PNext = &v12 };
        if (hasSizeControl) v12.PNext = &sizes;
        if (has13)
        {
            v13.PNext = v12.PNext;
            v12.PNext = &v13;
        }
        properties.PNext = &v11;
        api.GetPhysicalDeviceProperties2(device, &properties);
        var features = new FeatureSet(api, device, has13, hasSizeControl);
        var queue = QueueChoice.Find(api, device);
        ref var limits = ref properties.Properties.Limits;

        var present = new HashSet<string>(features.Names(), StringComparer.Ordinal);
        AddSubgroupFeatures(present, v11.SubgroupSupportedOperations, v11.SubgroupSupportedStages);
        if (v12.ShaderSignedZeroInfNanPreserveFloat32) present.Add(DeviceFeatures.SignedZeroInfNanPreserve);
        if (v12.ShaderRoundingModeRtefloat32) present.Add(DeviceFeatures.RoundingModeRte);
        if (HasTexelBuffers(api, device)) present.Add(DeviceFeatures.TexelBuffer);
        if (queue is { TimestampBits: > 0 }) present.Add(DeviceFeatures.Timestamps);
        var type = TypeOf(properties.Properties.DeviceType);
        var memory = new MemoryTypes(api, device, Marshal.PtrToStringUTF8((nint)v12.DriverName) ?? "");
        if (type is DeviceType.Integrated or DeviceType.Cpu && memory.HasUnified) present.Add(DeviceFeatures.UnifiedMemory);
        present.Add(DeviceFeatures.DiskCache);
        var matrices = CooperativeMatrices.Read(api, instance, device);
        foreach (var matrix in matrices) present.Add(matrix.Extension);
        if (hasSizeControl && !sizes.RequiredSubgroupSizeStages.HasFlag(ShaderStageFlags.ComputeBit)) present.Remove(DeviceFeatures.SubgroupSizeControl);
        present.ExceptWith(disabled);

        var controlled = present.Contains(DeviceFeatures.SubgroupSizeControl);
        var maxAllocation = (long)Math.Min(v11.MaxMemoryAllocationSize, long.MaxValue);
        if (has13 && v13.MaxBufferSize != 0) maxAllocation = (long)Math.Min((ulong)maxAllocation, v13.MaxBufferSize);
        var profile = new DeviceProfile
        {
            Name = name,
            Type = type,
            IsSoftware = type == DeviceType.Cpu,
            VendorId = properties.Properties.VendorID,
            DeviceId = properties.Properties.DeviceID,
            DriverName = Marshal.PtrToStringUTF8((nint)v12.DriverName) ?? "",
            DriverInfo = Marshal.PtrToStringUTF8((nint)v12.DriverInfo) ?? "",
            DriverVersion = properties.Properties.DriverVersion,
            ApiVersion = ToVersion(version),
            PipelineCacheId = Convert.ToHexStringLower(new ReadOnlySpan<byte>(properties.Properties.PipelineCacheUuid, (int)Vk.UuidSize)),
            Features = present.ToFrozenSet(StringComparer.Ordinal),
            SubgroupSize = (int)v11.SubgroupSize,
            MinSubgroupSize = (int)(controlled ? sizes.MinSubgroupSize : v11.SubgroupSize),
            MaxSubgroupSize = (int)(controlled ? sizes.MaxSubgroupSize : v11.SubgroupSize),
            MaxWorkgroupInvocations = (int)limits.MaxComputeWorkGroupInvocations,
            MaxWorkgroupSize = ((int)limits.MaxComputeWorkGroupSize[0], (int)limits.MaxComputeWorkGroupSize[1], (int)limits.MaxComputeWorkGroupSize[2]),
            MaxWorkgroupCount = (limits.MaxComputeWorkGroupCount[0], limits.MaxComputeWorkGroupCount[1], limits.MaxComputeWorkGroupCount[2]),
            MaxSharedMemoryBytes = (int)limits.MaxComputeSharedMemorySize,
            MaxStorageBufferRange = limits.MaxStorageBufferRange,
            MaxUniformBufferRange = limits.MaxUniformBufferRange,
            MaxTexelBufferElements = limits.MaxTexelBufferElements,
            MaxAllocationBytes = maxAllocation,
            MemoryBytes = memory.DeviceHeapBytes,
            BufferAlignment = (int)Math.Max(Math.Max(limits.MinStorageBufferOffsetAlignment, limits.MinUniformBufferOffsetAlignment), Math.Max(limits.MinTexelBufferOffsetAlignment, 64)),
            StorageAlignment = (int)limits.MinStorageBufferOffsetAlignment,
            UniformAlignment = (int)limits.MinUniformBufferOffsetAlignment,
            TexelAlignment = (int)Math.Max(limits.MinTexelBufferOffsetAlignment, 16),
            NonCoherentAtomBytes = (int)limits.NonCoherentAtomSize,
            TimestampPeriod = limits.TimestampPeriod,
            TimestampValidBits = present.Contains(DeviceFeatures.Timestamps) ? queue!.Value.TimestampBits : 0,
            CooperativeMatrices = [.. matrices.Where(m => present.Contains(m.Extension))],
            RobustAccess = features.RobustAccess,
        };
        var unsuitable = queue is null ? "it has no compute queue" : features.TimelineSemaphore ? null : "it has no timeline semaphores";
        return (profile, unsuitable);
    }

    private static void AddSubgroupFeatures(HashSet<string> present, SubgroupFeatureFlags operations, ShaderStageFlags stages)
    {
        if (!stages.HasFlag(ShaderStageFlags.ComputeBit)) return;
        ReadOnlySpan<(SubgroupFeatureFlags Flag, string Name)> table =
        [
            (SubgroupFeatureFlags.BasicBit, DeviceFeatures.SubgroupBasic),
            (SubgroupFeatureFlags.VoteBit, DeviceFeatures.SubgroupVote),
            (SubgroupFeatureFlags.ArithmeticBit, DeviceFeatures.SubgroupArithmetic),
            (SubgroupFeatureFlags.BallotBit, DeviceFeatures.SubgroupBallot),
            (SubgroupFeatureFlags.ShuffleBit, DeviceFeatures.SubgroupShuffle),
            (SubgroupFeatureFlags.ShuffleRelativeBit, DeviceFeatures.SubgroupShuffleRelative),
            (SubgroupFeatureFlags.ClusteredBit, DeviceFeatures.SubgroupClustered),
            (SubgroupFeatureFlags.QuadBit, DeviceFeatures.SubgroupQuad),
        ];
        foreach (var (flag, name) in table)
        {
            if (operations.HasFlag(flag)) present.Add(name);
        }
    }

    private static bool HasTexelBuffers(Vk api, PhysicalDevice device)
    {
        FormatProperties format;
        api.GetPhysicalDeviceFormatProperties(device, Format.R32G32B32A32Sfloat, &format);
        return format.BufferFeatures.HasFlag(FormatFeatureFlags.StorageTexelBufferBit | FormatFeatureFlags.UniformTexelBufferBit);
    }

    private static DeviceType TypeOf(PhysicalDeviceType type) => type switch
    {
        PhysicalDeviceType.DiscreteGpu => DeviceType.Discrete,
        PhysicalDeviceType.IntegratedGpu => DeviceType.Integrated,
        PhysicalDeviceType.VirtualGpu => DeviceType.Virtual,
        PhysicalDeviceType.Cpu => DeviceType.Cpu,
        _ => DeviceType.Other,
    };

    private static Version ToVersion(Version32 version) => new((int)version.Major, (int)version.Minor, (int)version.Patch);
}
