namespace VkNet.Devices;

/// <summary>What kind of hardware a Vulkan device is, in the order in which VkNet prefers them.</summary>
public enum DeviceType
{
    /// <summary>A graphics card with memory of its own.</summary>
    Discrete,

    /// <summary>A graphics processor that shares the host's memory.</summary>
    Integrated,

    /// <summary>A graphics processor lent by a virtual machine.</summary>
    Virtual,

    /// <summary>A driver that runs on the CPU (lavapipe, SwiftShader).</summary>
    Cpu,

    /// <summary>Anything else.</summary>
    Other,
}
