namespace VkNet.Devices;

/// <summary>What a buffer is for; decides the kind of memory it lies in.</summary>
internal enum BufferPurpose
{
    /// <summary>Arenas and weights: the device's fastest memory, mapped only where the device shares memory with the host.</summary>
    DeviceLocal,

    /// <summary>Written by the host once, copied from by the device.</summary>
    Upload,

    /// <summary>Copied to by the device, read by the host (cached memory where there is a choice).</summary>
    Readback,

    /// <summary>Small, written by the host between runs and read by kernels in place: parameters, run blocks.</summary>
    HostShared,
}
