namespace VkNet.Devices;

/// <summary>The optional features of Vulkan that VkNet knows: read from a device, named, and enabled on a new one.</summary>
internal readonly unsafe struct FeatureSet
{
    private readonly bool _has13;
    private readonly bool _hasSizeControl;
    private readonly PhysicalDeviceFeatures _core;
    private readonly PhysicalDeviceVulkan11Features _v11;
    private readonly PhysicalDeviceVulkan12Features _v12;
    private readonly PhysicalDeviceVulkan13Features _v13;
    private readonly PhysicalDeviceSubgroupSizeControlFeatures _sizeControl;

    /// <summary>Reads what a device of Vulkan 1.2 or newer has.</summary>
    /// <param name="api">The commands of its instance.</param>
    /// <param name="device">The device.</param>
    /// <param name="has13">Whether it offers Vulkan 1.3.</param>
    /// <param name="hasSizeControl">Whether it offers subgroup size control, in Vulkan 1.3 or as an extension.</param>
    public FeatureSet(Vk api, PhysicalDevice device, bool has13, bool hasSizeControl)
    {
        _has13 = has13;
        _hasSizeControl = hasSizeControl;
        var sizeControl = new PhysicalDeviceSubgroupSizeControlFeatures { SType = StructureType.PhysicalDeviceSubgroupSizeControlFeatures };
        var v13 = new PhysicalDeviceVulkan13Features { SType = StructureType.PhysicalDeviceVulkan13Features };
        var v12 = new PhysicalDeviceVulkan12Features { SType = StructureType.PhysicalDeviceVulkan12Features, PNext = has13 ? &v13 : hasSizeControl ? &sizeControl : null };
        var v11 = new PhysicalDeviceVulkan11Features { SType = StructureType.PhysicalDeviceVulkan11Features, PNext = &v12 };
        var all = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &v11 };
        api.GetPhysicalDeviceFeatures2(device, &all);
        (_core, _v11, _v12, _v13, _sizeControl) = (all.Features, v11, v12, v13, sizeControl);
    }

    /// <summary>Fills structures that enable some features; to be chained and passed to vkCreateDevice while they stay where they are.</summary>
    public delegate Result WithChain(PhysicalDeviceFeatures2* chain);

    /// <summary>Whether out-of-range accesses are bounded.</summary>
    public bool RobustAccess => _core.RobustBufferAccess;

    /// <summary>Whether it has timeline semaphores, without which VkNet cannot run.</summary>
    public bool TimelineSemaphore => _v12.TimelineSemaphore;

    private bool SizeControl => _has13 ? _v13.SubgroupSizeControl : _hasSizeControl && _sizeControl.SubgroupSizeControl;

    private bool FullSubgroups => _has13 ? _v13.ComputeFullSubgroups : _hasSizeControl && _sizeControl.ComputeFullSubgroups;

    /// <summary>The names, as in <see cref="DeviceFeatures"/>, of those present.</summary>
    public IReadOnlyList<string> Names()
    {
        var names = new List<string>();
        void Add(bool present, string name)
        {
            if (present) names.Add(name);
        }
        Add(_v12.ShaderFloat16, DeviceFeatures.Float16);
        Add(_core.ShaderFloat64, DeviceFeatures.Float64);
        Add(_v12.ShaderInt8, DeviceFeatures.Int8);
        Add(_core.ShaderInt16, DeviceFeatures.Int16);
        Add(_core.ShaderInt64, DeviceFeatures.Int64);
        Add(_v12.StorageBuffer8BitAccess, DeviceFeatures.Storage8);
        Add(_v11.StorageBuffer16BitAccess, DeviceFeatures.Storage16);
        Add(_v12.UniformAndStorageBuffer8BitAccess, DeviceFeatures.Uniform8);
        Add(_v11.UniformAndStorageBuffer16BitAccess, DeviceFeatures.Uniform16);
        Add(SizeControl && FullSubgroups, DeviceFeatures.SubgroupSizeControl);
        Add(_v12.VulkanMemoryModel, DeviceFeatures.VulkanMemoryModel);
        Add(_has13 && _v13.ShaderIntegerDotProduct, DeviceFeatures.IntegerDotProduct);
        return names;
    }

    /// <summary>Builds the chain that enables the features of a profile and calls <paramref name="create"/> with it.</summary>
    /// <param name="profile">Whose features, disabled ones already left out, to enable.</param>
    /// <param name="create">Creates the device; the chain is valid during the call only.</param>
    public Result Enable(DeviceProfile profile, WithChain create)
    {
        // Matrix extensions whose features this struct does not read: they are enabled whole when the profile names them.
        var nv = new PhysicalDeviceCooperativeMatrixFeaturesNV { SType = StructureType.PhysicalDeviceCooperativeMatrixFeaturesNV, CooperativeMatrix = true };
        var khr = new PhysicalDeviceCooperativeMatrixFeaturesKHR { SType = StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr, CooperativeMatrix = true };
        var sizeControl = new PhysicalDeviceSubgroupSizeControlFeatures
        {
            SType = StructureType.PhysicalDeviceSubgroupSizeControlFeatures,
            SubgroupSizeControl = true,
            ComputeFullSubgroups = true,
        };
        var v13 = new PhysicalDeviceVulkan13Features
        {
            SType = StructureType.PhysicalDeviceVulkan13Features,
            SubgroupSizeControl = profile.Has(DeviceFeatures.SubgroupSizeControl),
            ComputeFullSubgroups = profile.Has(DeviceFeatures.SubgroupSizeControl),
            ShaderIntegerDotProduct = profile.Has(DeviceFeatures.IntegerDotProduct),
        };
        var v12 = new PhysicalDeviceVulkan12Features
        {
            SType = StructureType.PhysicalDeviceVulkan12Features,
            TimelineSemaphore = true,
            ShaderFloat16 = profile.Has(DeviceFeatures.Float16),
            ShaderInt8 = profile.Has(DeviceFeatures.Int8),
            StorageBuffer8BitAccess = profile.Has(DeviceFeatures.Storage8),
            UniformAndStorageBuffer8BitAccess = profile.Has(DeviceFeatures.Uniform8),
            VulkanMemoryModel = profile.Has(DeviceFeatures.VulkanMemoryModel),
            VulkanMemoryModelDeviceScope = profile.Has(DeviceFeatures.VulkanMemoryModel) && _v12.VulkanMemoryModelDeviceScope,
            ShaderSubgroupExtendedTypes = _v12.ShaderSubgroupExtendedTypes,
        };
        var v11 = new PhysicalDeviceVulkan11Features
        {
            SType = StructureType.PhysicalDeviceVulkan11Features,
            PNext = &v12,
            StorageBuffer16BitAccess = profile.Has(DeviceFeatures.Storage16),
            UniformAndStorageBuffer16BitAccess = profile.Has(DeviceFeatures.Uniform16),
        };
        var all = new PhysicalDeviceFeatures2
        {
            SType = StructureType.PhysicalDeviceFeatures2,
            PNext = &v11,
            Features = new PhysicalDeviceFeatures
            {
                RobustBufferAccess = _core.RobustBufferAccess,
                ShaderFloat64 = profile.Has(DeviceFeatures.Float64),
                ShaderInt16 = profile.Has(DeviceFeatures.Int16),
                ShaderInt64 = profile.Has(DeviceFeatures.Int64),
            },
        };
        void** tail = &v12.PNext;
        if (_has13)
        {
            *tail = &v13;
            tail = &v13.PNext;
        }
        else if (profile.Has(DeviceFeatures.SubgroupSizeControl))
        {
            *tail = &sizeControl;
            tail = &sizeControl.PNext;
        }
        if (profile.Has(DeviceFeatures.CooperativeMatrix))
        {
            *tail = &khr;
            tail = &khr.PNext;
        }
        if (profile.Has(DeviceFeatures.CooperativeMatrixNv)) *tail = &nv;
        return create(&all);
    }
}
