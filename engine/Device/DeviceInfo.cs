namespace VkNet.Devices;

/// <summary>A device that can be opened, as <see cref="ComputeDevice.List"/> and <c>vknet devices</c> show it.</summary>
/// <param name="Index">Its place in the order of preference, from 0; what <see cref="DeviceOptions.Selector"/> may name.</param>
/// <param name="Profile">What it can do.</param>
/// <param name="Unsuitable">Why VkNet cannot use it (too old a Vulkan version, for instance); null when it can.</param>
public sealed record DeviceInfo(int Index, DeviceProfile Profile, string? Unsuitable = null)
{
    /// <summary>The device's name, as the driver gives it.</summary>
    public string Name => Profile.Name;

    /// <summary>What kind of hardware it is.</summary>
    public DeviceType Type => Profile.Type;

    /// <summary>Whether the driver runs on the CPU.</summary>
    public bool IsSoftware => Profile.IsSoftware;

    /// <inheritdoc/>
    public override string ToString() => $"{Index}: {Name} ({Type.ToString().ToLowerInvariant()}, {Profile.DriverName} {Profile.DriverInfo}, Vulkan {Profile.ApiVersion})";
}
