using Microsoft.Extensions.Logging;

namespace VkNet.Devices;

/// <summary>
/// The Vulkan device itself with its queue, memory and pipelines. <see cref="ComputeDevice"/> is its owner; buffers,
/// recordings and pending waits hold leases, so that it goes after the last of them.
/// </summary>
internal sealed unsafe class NativeDevice : Leased
{
    private readonly VulkanInstance _instance;
    private DeviceLostException? _lost;

    /// <summary>Makes the device. It takes the instance over and disposes it, also when this fails.</summary>
    public NativeDevice(VulkanInstance instance, PhysicalDevice physical, DeviceProfile profile, DeviceOptions options, long? memoryLimit)
    {
        _instance = instance;
        Profile = profile;
        Logger = options.Logger;
        Faults = options.Faults;
        Api = instance.ApiForDevice();
        try
        {
            var queue = QueueChoice.Find(Api, physical) ?? throw new InvalidOperationException("a device without a compute queue was chosen");
            QueueFamily = queue.Family;
            Handle = Create(physical);
            Api.CurrentDevice = Handle;
            Queue handle;
            Api.GetDeviceQueue(Handle, QueueFamily, 0, &handle);
            Memory = new MemoryAllocator(this, new MemoryTypes(Api, physical, profile.DriverName), memoryLimit);
            Submission = new SubmissionQueue(this, handle);
            Pipelines = new PipelineStore(this, profile.Has(DeviceFeatures.DiskCache) ? CacheFolders.Find(options.CacheFolder) : null);
        }
        catch
        {
            Destroy();
            throw;
        }
    }

    /// <summary>Called once, when the device is lost.</summary>
    public Action<DeviceLostException>? OnLost { get; set; }

    /// <summary>The commands of this device.</summary>
    public Vk Api { get; }

    /// <summary>The device.</summary>
    public Device Handle { get; private set; }

    /// <summary>The family of its queue.</summary>
    public uint QueueFamily { get; }

    /// <summary>What it can do.</summary>
    public DeviceProfile Profile { get; }

    /// <summary>Receives what happens.</summary>
    public ILogger? Logger { get; }

    /// <summary>Faults to inject, in tests.</summary>
    public DeviceFaults? Faults { get; }

    /// <summary>Allocates its memory.</summary>
    public MemoryAllocator Memory { get; } = null!;

    /// <summary>Runs recordings.</summary>
    public SubmissionQueue Submission { get; } = null!;

    /// <summary>Makes and keeps pipelines.</summary>
    public PipelineStore Pipelines { get; } = null!;

    /// <summary>The commands that name objects; null where there are none.</summary>
    public ExtDebugUtils? DebugUtils => _instance.DebugUtils;

    /// <summary>The commands that label commands; null where there are none.</summary>
    public ExtDebugUtils? Labels => _instance.Labels;

    /// <summary>Whether the device has been lost.</summary>
    public bool IsLost => Volatile.Read(ref _lost) is not null;

    /// <summary>Throws when the device has been lost.</summary>
    public void ThrowIfLost()
    {
        if (Volatile.Read(ref _lost) is { } lost) throw lost;
    }

    /// <summary>Throws when a command failed; remembers and reports the loss of the device.</summary>
    /// <param name="result">What the command returned.</param>
    /// <param name="doing">What was being done, to complete "while ...".</param>
    public void Check(Result result, string doing)
    {
        if (result == Result.Success) return;
        throw result == Result.ErrorDeviceLost ? Lose(doing) : VulkanResults.Error(result, doing);
    }

    /// <summary>Asked before every call that makes something; false where a test wants it to fail as for want of host memory.</summary>
    public bool MayMake() => Faults?.AtCall() != true;

    /// <summary>Marks the device as lost, tells the listeners the first time, and gives the exception to throw.</summary>
    public DeviceLostException Lose(string doing)
    {
        var exception = new DeviceLostException(Profile.Name, doing);
        if (Interlocked.CompareExchange(ref _lost, exception, null) is { } earlier) return earlier;
        Logger?.LogError("Device '{Device}' lost while {Doing}", Profile.Name, doing);
        OnLost?.Invoke(exception);
        return exception;
    }

    /// <summary>Gives a Vulkan object a name that the validation layer and graphics debuggers show.</summary>
    public void SetName(ObjectType type, ulong handle, string name)
    {
        if (DebugUtils is null) return;
        var text = System.Text.Encoding.UTF8.GetBytes(name + "\0");
        fixed (byte* first = text)
        {
            var info = new DebugUtilsObjectNameInfoEXT { SType = StructureType.DebugUtilsObjectNameInfoExt, ObjectType = type, ObjectHandle = handle, PObjectName = first };
            _ = DebugUtils.SetDebugUtilsObjectName(Handle, &info);
        }
    }

    /// <inheritdoc/>
    protected override void Destroy()
    {
        if (Handle.Handle != 0)
        {
            // After an injected loss work may still be running; a lost device returns from this at once.
            _ = Api.DeviceWaitIdle(Handle);
            Pipelines?.Destroy();
            Submission?.Destroy();
            Api.DestroyDevice(Handle, null);
            Handle = default;
        }
        Api.Dispose();
        _instance.Dispose();
    }

    private Device Create(PhysicalDevice physical)
    {
        var has13 = Profile.ApiVersion >= new Version(1, 3);
        var extensions = new List<string>();
        void AddIfPresent(string name)
        {
            if (Api.IsDeviceExtensionPresent(physical, name)) extensions.Add(name);
        }
        if (!has13 && Profile.Has(DeviceFeatures.SubgroupSizeControl)) extensions.Add("VK_EXT_subgroup_size_control");
        if (Profile.Has(DeviceFeatures.CooperativeMatrix)) extensions.Add(KhrCooperativeMatrix.ExtensionName);
        if (Profile.Has(DeviceFeatures.CooperativeMatrixNv)) extensions.Add(NVCooperativeMatrix.ExtensionName);
        // The specification demands this one wherever it is offered (MoltenVK).
        AddIfPresent("VK_KHR_portability_subset");

        var names = VulkanInstance.Utf8Array(extensions);
        try
        {
            var features = new FeatureSet(Api, physical, has13, has13 || Profile.Has(DeviceFeatures.SubgroupSizeControl));
            Device created = default;
            var result = features.Enable(Profile, chain =>
            {
                var priority = 1f;
                var queue = new DeviceQueueCreateInfo
                {
                    SType = StructureType.DeviceQueueCreateInfo,
                    QueueFamilyIndex = QueueFamily,
                    QueueCount = 1,
                    PQueuePriorities = &priority,
                };
                var info = new DeviceCreateInfo
                {
                    SType = StructureType.DeviceCreateInfo,
                    PNext = chain,
                    QueueCreateInfoCount = 1,
                    PQueueCreateInfos = &queue,
                    EnabledExtensionCount = (uint)extensions.Count,
                    PpEnabledExtensionNames = names,
                };
                Device device;
                var outcome = Api.CreateDevice(physical, &info, null, &device);
                created = device;
                return outcome;
            });
            VulkanResults.Check(result, $"opening the device '{Profile.Name}'");
            return created;
        }
        finally
        {
            VulkanInstance.FreeUtf8Array(names, extensions.Count);
        }
    }
}
