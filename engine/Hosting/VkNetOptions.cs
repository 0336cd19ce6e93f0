namespace VkNet.Hosting;

/// <summary>How a container's device is opened. Bind it from configuration, or set it in <c>AddVkNet</c>.</summary>
public sealed class VkNetOptions
{
    /// <summary>The device's number or a part of its name; null chooses the best.</summary>
    public string? Device { get; set; }

    /// <summary>Whether a driver that runs on the CPU is refused.</summary>
    public bool RequireHardware { get; set; }

    /// <summary>Most device memory taken, in bytes; null for no limit.</summary>
    public long? MemoryLimit { get; set; }

    /// <summary>The folder of compiled pipelines; null for the user's cache folder.</summary>
    public string? CacheFolder { get; set; }
}
