using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>
/// Base of the fixtures that need a device: their tests run on every driver present, under core and synchronization
/// validation where the layer is installed, and fail when it says anything that a test has not asked for.
/// </summary>
[TestFixtureSource(typeof(TestDrivers), nameof(TestDrivers.All))]
internal abstract class OnEveryDevice(string driver)
{
#pragma warning disable NUnit1032 // All fixtures share it; SharedDevices closes it after the last.
    private ComputeDevice? _device;
#pragma warning restore NUnit1032
    private int _messagesSeen;

    /// <summary>The driver's name.</summary>
    protected string Driver => driver;

    /// <summary>
    /// Whether the driver computes a twentieth of what others do: trainings are shorter there and pictures smaller, with what can be expected
    /// of these.
    /// </summary>
    protected bool IsSlow => driver.Contains("SwiftShader", StringComparison.Ordinal);

    /// <summary>
    /// Every how many-th call is made to fail by tests that open a device for each: pipelines of a device of its own take a slow driver
    /// seconds, and what is tested is hardly the driver.
    /// </summary>
    protected int FaultStride => IsSlow ? 13 : 1;

    /// <summary>The stride and the driver, to be said of such a test.</summary>
    protected string FaultPlace => IsSlow ? $"{driver}, each {FaultStride}th" : driver;

    /// <summary>The device; one for all fixtures (<see cref="SharedDevices"/>), never to be disposed by a test.</summary>
    protected ComputeDevice Device => _device!;

    [OneTimeSetUp]
    public void OpenDevice()
    {
        if (driver == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _device = SharedDevices.Of(driver);
        _messagesSeen = _device.ValidationMessages.Count;
    }

    [OneTimeTearDown]
    public void CloseDevice()
    {
        if (_device is null) return;
        Assert.That(_device.ValidationMessages.Skip(_messagesSeen), Is.Empty);
        Assert.That(_device.Memory.LiveAllocations, Is.Zero, "allocations never freed");
    }

    [TearDown]
    public void CheckValidation() => Assert.That(TakeMessages(_device), Is.Empty);

    /// <summary>Opens another device of the same driver; features are disabled as VKNET_DISABLE says, unless the options do.</summary>
    protected ComputeDevice Open(DeviceOptions? options = null) => ComputeDevice.Open(new DeviceOptions
    {
        Selector = driver,
        Validation = ValidationLayer.IsInstalled,
        MemoryLimit = options?.MemoryLimit,
        DisabledFeatures = options?.DisabledFeatures,
        CacheFolder = options?.CacheFolder,
        Faults = options?.Faults,
    });

    /// <summary>The messages since the last call, which are thereby taken as expected.</summary>
    protected IReadOnlyList<ValidationMessage> TakeMessages(ComputeDevice? device)
    {
        if (device is null) return [];
        var messages = device.ValidationMessages;
        if (!ReferenceEquals(device, _device)) return messages;
        var fresh = messages.Skip(_messagesSeen).ToArray();
        _messagesSeen = messages.Count;
        return fresh;
    }
}
