using System.Globalization;

namespace VkNet.Devices;

/// <summary>The rules by which a device is chosen; no driver is needed to test them.</summary>
internal static class DeviceChoice
{
    /// <summary>Orders profiles by preference (discrete, integrated, virtual, CPU, other; the loader's order within a kind) and numbers them.</summary>
    public static IReadOnlyList<DeviceInfo> Order(IEnumerable<(DeviceProfile Profile, string? Unsuitable)> found) =>
        [.. found.OrderBy(d => d.Profile.IsSoftware ? DeviceType.Cpu : d.Profile.Type).Select((d, index) => new DeviceInfo(index, d.Profile, d.Unsuitable))];

    /// <summary>Chooses a device.</summary>
    /// <param name="devices">The devices in order of preference.</param>
    /// <param name="selector">An index, or a part of the name of the device or its driver in any case; null for the first usable one.</param>
    /// <param name="requireHardware">Whether software drivers are refused.</param>
    /// <exception cref="VkNetException">VKN4002 to VKN4005.</exception>
    public static DeviceInfo Choose(IReadOnlyList<DeviceInfo> devices, string? selector, bool requireHardware)
    {
        if (devices.Count == 0) throw DeviceErrors.NoDevice("the drivers offer none");
        var candidates = devices;
        if (!string.IsNullOrWhiteSpace(selector))
        {
            candidates = Matching(devices, selector.Trim());
            if (candidates.Count == 0) throw DeviceErrors.NoSuchDevice(selector, devices);
        }
        if (requireHardware)
        {
            candidates = [.. candidates.Where(d => !d.IsSoftware)];
            if (candidates.Count == 0) throw DeviceErrors.OnlySoftware(devices);
        }
        return candidates.FirstOrDefault(d => d.Unsuitable is null) ?? throw DeviceErrors.Unsuitable(candidates[0]);
    }

    private static IReadOnlyList<DeviceInfo> Matching(IReadOnlyList<DeviceInfo> devices, string selector)
    {
        if (int.TryParse(selector, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < devices.Count) return [devices[index]];
        return [.. devices.Where(d =>
            d.Name.Contains(selector, StringComparison.OrdinalIgnoreCase) ||
            d.Profile.DriverName.Contains(selector, StringComparison.OrdinalIgnoreCase))];
    }
}
