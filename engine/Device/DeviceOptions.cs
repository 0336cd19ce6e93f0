using Microsoft.Extensions.Logging;

namespace VkNet.Devices;

/// <summary>How to open a device. What is left unset is taken from the environment, then from the defaults.</summary>
public sealed class DeviceOptions
{
    /// <summary>Index or part of the name of the device wanted (VKNET_DEVICE); null takes the best one.</summary>
    public string? Selector { get; init; }

    /// <summary>Refuse software drivers (VKNET_REQUIRE_HARDWARE=1).</summary>
    public bool RequireHardware { get; init; }

    /// <summary>Run under the Khronos validation layer with synchronization validation (VKNET_VALIDATE=1); slow.</summary>
    public bool Validation { get; init; }

    /// <summary>Receives each validation message as it comes, on the thread that provoked it.</summary>
    public Action<ValidationMessage>? OnValidationMessage { get; init; }

    /// <summary>Most bytes of device memory to allocate (VKNET_MEMORY_LIMIT, such as 512MB); null for what the device has.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Features to do without (VKNET_DISABLE, separated by commas); names in <see cref="DeviceFeatures"/>.</summary>
    public IReadOnlySet<string>? DisabledFeatures { get; init; }

    /// <summary>Folder of the pipeline cache (VKNET_CACHE_DIR); null for the user's cache folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Receives what happens: the device chosen, caches read and ignored, loss.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Faults to inject, for tests.</summary>
    internal DeviceFaults? Faults { get; init; }
}
