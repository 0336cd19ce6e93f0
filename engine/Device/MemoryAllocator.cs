using System.Numerics;

namespace VkNet.Devices;

/// <summary>
/// Allocates device memory: one Vulkan buffer in one Vulkan allocation per call, since the compiler asks for few and large
/// ones (arenas, weights, a parameter buffer), and places tensors inside them itself.
/// </summary>
internal sealed unsafe class MemoryAllocator(NativeDevice device, MemoryTypes types, long? limit)
{
    private const BufferUsageFlags Usage =
        BufferUsageFlags.StorageBufferBit | BufferUsageFlags.UniformBufferBit |
        BufferUsageFlags.StorageTexelBufferBit | BufferUsageFlags.UniformTexelBufferBit |
        BufferUsageFlags.TransferSrcBit | BufferUsageFlags.TransferDstBit;

    private readonly Lock _gate = new();
    private long _liveBytes;
    private long _peakBytes;
    private int _liveAllocations;
    private long _totalAllocations;

    /// <summary>What is allocated.</summary>
    public MemoryStatistics Statistics
    {
        get
        {
            lock (_gate) return new MemoryStatistics(_liveBytes, _peakBytes, _liveAllocations, _totalAllocations, limit);
        }
    }

    /// <summary>Allocates a buffer.</summary>
    /// <param name="bytes">Its size; it is rounded up to the device's buffer alignment, so that a whole number of texels fits.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="label">Its name in diagnostics and debuggers.</param>
    /// <exception cref="VkNetException">VKN4010 exhausted, VKN4011 over the limit, VKN4012 larger than the device allocates in one piece.</exception>
    public DeviceBuffer Allocate(long bytes, BufferPurpose purpose, string label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        device.ThrowIfLost();
        var maximum = device.Profile.MaxAllocationBytes;
        if (bytes > maximum) throw DeviceErrors.AllocationTooLarge(label, bytes, maximum);
        device.Acquire();
        VkBuffer buffer = default;
        try
        {
            var size = BufferSize(bytes, device.Profile.BufferAlignment);
            var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = (ulong)size, Usage = Usage, SharingMode = SharingMode.Exclusive };
            device.Check(device.MayMake() ? device.Api.CreateBuffer(device.Handle, &info, null, &buffer) : Result.ErrorOutOfHostMemory, $"creating the buffer '{label}'");
            MemoryRequirements needs;
            device.Api.GetBufferMemoryRequirements(device.Handle, buffer, &needs);
            var (memory, type) = AllocateMemory((long)needs.Size, needs.MemoryTypeBits, purpose, label);
            return Finish(buffer, memory, type, size, (long)needs.Size, purpose, label);
        }
        catch
        {
            if (buffer.Handle != 0) device.Api.DestroyBuffer(device.Handle, buffer, null);
            device.Release();
            throw;
        }
    }

    /// <summary>Takes back what <see cref="Allocate"/> gave; called by the buffer when it is destroyed.</summary>
    public void Free(DeviceMemory memory, long bytes)
    {
        device.Api.FreeMemory(device.Handle, memory, null);
        Forget(bytes);
    }

    // Mesa's software driver compiles a kernel once for texel views of buffers whose size is a power of two and once for
    // others (it asks the same of textures), 50 to 800 ms each time; so no buffer has such a size.
    internal static long BufferSize(long bytes, int alignment)
    {
        var size = checked(Math.Max(bytes, 1) + alignment - 1) / alignment * alignment;
        // Twice the alignment is a power of two as well.
        while (BitOperations.IsPow2(size)) size += alignment;
        return size;
    }

    private (DeviceMemory Memory, int Type) AllocateMemory(long bytes, uint allowed, BufferPurpose purpose, string label)
    {
        var candidates = types.Candidates(purpose, allowed, device.Profile.IsUnifiedMemory);
        Count(bytes, label);
        try
        {
            if (device.Faults?.AtAllocation() == true) throw Exhausted();
            foreach (var type in candidates)
            {
                // Linux lends more memory than it has and later kills the process, so what cannot fit is refused here.
                if (Statistics.LiveBytes > HeapBytes(type)) continue;
                var info = new MemoryAllocateInfo { SType = StructureType.MemoryAllocateInfo, AllocationSize = (ulong)bytes, MemoryTypeIndex = (uint)type };
                DeviceMemory memory = default;
                var result = device.MayMake() ? device.Api.AllocateMemory(device.Handle, &info, null, &memory) : Result.ErrorOutOfHostMemory;
                if (result == Result.Success) return (memory, type);
                if (result is not (Result.ErrorOutOfDeviceMemory or Result.ErrorTooManyObjects)) device.Check(result, $"allocating '{label}'");
            }
            throw Exhausted();
        }
        catch
        {
            Forget(bytes);
            throw;
        }

        VkNetException Exhausted()
        {
            var statistics = Statistics;
            return DeviceErrors.OutOfDeviceMemory(label, bytes, statistics with { LiveBytes = statistics.LiveBytes - bytes }, types.DeviceHeapBytes);
        }
    }

    private long HeapBytes(int type) => device.Faults is { HeapBytes: > 0 and var bytes } ? bytes : types.HeapBytes(type);

    private DeviceBuffer Finish(VkBuffer buffer, DeviceMemory memory, int type, long size, long allocated, BufferPurpose purpose, string label)
    {
        try
        {
            device.Check(device.MayMake() ? device.Api.BindBufferMemory(device.Handle, buffer, memory, 0) : Result.ErrorOutOfHostMemory, $"binding the memory of '{label}'");
            var flags = types.Flags(type);
            void* mapped = null;
            if (flags.HasFlag(MemoryPropertyFlags.HostVisibleBit) && (purpose != BufferPurpose.DeviceLocal || device.Profile.IsUnifiedMemory))
            {
                device.Check(device.MayMake() ? device.Api.MapMemory(device.Handle, memory, 0, Vk.WholeSize, 0, &mapped) : Result.ErrorOutOfHostMemory, $"mapping '{label}'");
            }
            device.SetName(ObjectType.Buffer, buffer.Handle, label);
            return new DeviceBuffer(device, buffer, memory, (byte*)mapped, size, allocated, flags.HasFlag(MemoryPropertyFlags.HostCoherentBit), purpose, label);
        }
        catch
        {
            Free(memory, allocated);
            throw;
        }
    }

    private void Count(long bytes, string label)
    {
        lock (_gate)
        {
            if (limit is { } most && _liveBytes + bytes > most)
            {
                throw DeviceErrors.MemoryLimit(label, bytes, new MemoryStatistics(_liveBytes, _peakBytes, _liveAllocations, _totalAllocations, limit));
            }
            _liveBytes += bytes;
            _peakBytes = Math.Max(_peakBytes, _liveBytes);
            _liveAllocations++;
            _totalAllocations++;
        }
    }

    private void Forget(long bytes)
    {
        lock (_gate)
        {
            _liveBytes -= bytes;
            _liveAllocations--;
        }
    }
}
