using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>
/// One device per driver that all fixtures share: a kernel is compiled once, not once per fixture, which on drivers without a disk cache
/// (SwiftShader: three seconds for the largest) is most of the time of a run. A device with very many pipelines is closed and opened anew.
/// </summary>
internal static class SharedDevices
{
    // Compiled code takes a megabyte and more per pipeline.
    private const int MostPipelines = 1_000;

    private static readonly Dictionary<string, ComputeDevice> Devices = new(StringComparer.Ordinal);

    /// <summary>The device of a driver, under validation where the layer is installed.</summary>
    public static ComputeDevice Of(string driver)
    {
        if (Devices.TryGetValue(driver, out var device) && !device.IsLost && device.PipelineCount < MostPipelines) return device;
        if (device is not null) Close(driver);
        return Devices[driver] = ComputeDevice.Open(new DeviceOptions { Selector = driver, Validation = ValidationLayer.IsInstalled });
    }

    /// <summary>Closes all.</summary>
    public static void CloseAll() => Assert.Multiple(() =>
    {
        foreach (var driver in Devices.Keys.ToArray()) Close(driver);
    });

    private static void Close(string driver)
    {
        Devices.Remove(driver, out var device);
        var messages = device!.ValidationMessages.Count;
        device.Dispose();
        // Objects that were never destroyed are reported when the device is.
        Assert.That(device.ValidationMessages.Skip(messages), Is.Empty);
        Assert.That(device.Memory.LiveAllocations, Is.Zero, "allocations never freed");
    }
}
