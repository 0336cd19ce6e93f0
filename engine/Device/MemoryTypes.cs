namespace VkNet.Devices;

/// <summary>The kinds of memory a device has, and which of them suit a purpose.</summary>
internal readonly struct MemoryTypes
{
    private const MemoryPropertyFlags Local = MemoryPropertyFlags.DeviceLocalBit;
    private const MemoryPropertyFlags Visible = MemoryPropertyFlags.HostVisibleBit;
    private const MemoryPropertyFlags Coherent = MemoryPropertyFlags.HostCoherentBit;
    private const MemoryPropertyFlags Cached = MemoryPropertyFlags.HostCachedBit;

    private readonly (MemoryPropertyFlags Flags, long HeapBytes)[] _types;

    /// <summary>Reads them from a device.</summary>
    /// <param name="api">The commands of its instance.</param>
    /// <param name="device">The device.</param>
    /// <param name="driver">Its driver: lavapipe's memory is the host's, of which version 22 claims only 2 GiB.</param>
    public unsafe MemoryTypes(Vk api, PhysicalDevice device, string driver)
    {
        var properties = new PhysicalDeviceMemoryProperties2 { SType = StructureType.PhysicalDeviceMemoryProperties2 };
        api.GetPhysicalDeviceMemoryProperties2(device, &properties);
        var memory = properties.MemoryProperties;
        var heaps = memory.MemoryHeaps.AsSpan();
        _types = new (MemoryPropertyFlags, long)[memory.MemoryTypeCount];
        var atLeast = DriverQuirk.ClaimsLittleMemory.Applies(driver) ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : 0;
        for (var i = 0; i < _types.Length; i++)
        {
            var type = memory.MemoryTypes.AsSpan()[i];
            _types[i] = (type.PropertyFlags, Math.Max(atLeast, (long)Math.Min(heaps[(int)type.HeapIndex].Size, long.MaxValue)));
        }
    }

    /// <summary>For tests: types given directly.</summary>
    public MemoryTypes(params (MemoryPropertyFlags Flags, long HeapBytes)[] types) => _types = types;

    /// <summary>Whether some of the device's own memory can be read and written by the host without flushing.</summary>
    public bool HasUnified => _types.Any(t => t.Flags.HasFlag(Local | Visible | Coherent));

    /// <summary>Bytes of the largest heap of the device's own memory.</summary>
    public long DeviceHeapBytes => _types.Where(t => t.Flags.HasFlag(Local)).Select(t => t.HeapBytes).DefaultIfEmpty(0).Max();

    /// <summary>The properties of a type.</summary>
    public MemoryPropertyFlags Flags(int type) => _types[type].Flags;

    /// <summary>Bytes of the heap of a type.</summary>
    public long HeapBytes(int type) => _types[type].HeapBytes;

    /// <summary>The types that suit a purpose, best first.</summary>
    /// <param name="purpose">What the buffer is for.</param>
    /// <param name="allowed">A bit per type that the buffer may lie in.</param>
    /// <param name="unified">Whether the device's own memory is to be mapped where it can be.</param>
    public IReadOnlyList<int> Candidates(BufferPurpose purpose, uint allowed, bool unified)
    {
        var (required, wanted, unwanted) = purpose switch
        {
            BufferPurpose.DeviceLocal when unified => (MemoryPropertyFlags.None, Local | Visible | Coherent | Cached, MemoryPropertyFlags.None),
            BufferPurpose.DeviceLocal => (MemoryPropertyFlags.None, Local, Visible),
            BufferPurpose.Upload => (Visible, Coherent, Cached),
            BufferPurpose.Readback => (Visible, Cached | Coherent, MemoryPropertyFlags.None),
            _ => (Visible, Local | Coherent, Cached),
        };
        var types = _types;
        // Being local is what counts most for the device's memory; the other wishes weigh alike.
        int Score(int type)
        {
            var flags = types[type].Flags;
            var localWeight = purpose == BufferPurpose.DeviceLocal && flags.HasFlag(Local) ? 10 : 0;
            return localWeight + int.PopCount((int)(flags & wanted)) - int.PopCount((int)(flags & unwanted));
        }
        return
        [
            .. Enumerable.Range(0, types.Length)
                .Where(t => (allowed >> t & 1) != 0 && types[t].Flags.HasFlag(required) && IsOrdinary(types[t].Flags))
                .OrderByDescending(Score)
                .ThenByDescending(t => types[t].HeapBytes),
        ];
    }

    // Protected, lazily allocated and vendor-specific kinds of memory need features that are not enabled.
    private static bool IsOrdinary(MemoryPropertyFlags flags) => (flags & ~(Local | Visible | Coherent | Cached)) == 0;
}
