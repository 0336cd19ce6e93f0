using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>Options, environment variables and sizes.</summary>
internal sealed class DeviceSettingsTests
{
    [Test]
    public void The_environment_fills_what_options_leave_open()
    {
        var settings = Read(new DeviceOptions(), ("VKNET_DEVICE", "radv"), ("VKNET_MEMORY_LIMIT", "512MB"), ("VKNET_DISABLE", "float16, int8"), ("VKNET_VALIDATE", "1"), ("VKNET_REQUIRE_HARDWARE", "true"));
        Assert.That(settings.Selector, Is.EqualTo("radv"));
        Assert.That(settings.MemoryLimit, Is.EqualTo(512L << 20));
        Assert.That(settings.Disabled, Is.EquivalentTo(new[] { "float16", "int8" }));
        Assert.That(settings.Validation && settings.RequireHardware);
    }

    [Test]
    public void Options_come_before_the_environment()
    {
        var options = new DeviceOptions { Selector = "0", MemoryLimit = 5, DisabledFeatures = new HashSet<string>() };
        var settings = Read(options, ("VKNET_DEVICE", "radv"), ("VKNET_MEMORY_LIMIT", "512MB"), ("VKNET_DISABLE", "float16"));
        Assert.That((settings.Selector, settings.MemoryLimit), Is.EqualTo(("0", 5L)));
        Assert.That(settings.Disabled, Is.Empty);
    }

    [TestCase("VKNET_MEMORY_LIMIT", "lots", "VKN4008")]
    [TestCase("VKNET_MEMORY_LIMIT", "-1MB", "VKN4008")]
    [TestCase("VKNET_MEMORY_LIMIT", "99999999TB", "VKN4008")]
    [TestCase("VKNET_VALIDATE", "maybe", "VKN4008")]
    [TestCase("VKNET_DISABLE", "flaot16", "VKN4007")]
    public void What_cannot_be_understood_is_refused(string variable, string text, string code)
    {
        var fault = Faults.Expect(code, () => Read(new DeviceOptions(), (variable, text)));
        Assert.That(fault.Message, Does.Contain(text));
    }

    [Test]
    public void A_misspelt_feature_gets_the_nearest_name() =>
        Assert.That(Faults.Expect("VKN4007", () => Read(new DeviceOptions(), ("VKNET_DISABLE", "flaot16"))).Diagnostic.Help, Does.Contain("float16"));

    [TestCase("0", 0)]
    [TestCase("100", 100)]
    [TestCase("1kb", 1024)]
    [TestCase("1 KiB", 1024)]
    [TestCase("1.5M", 1572864)]
    [TestCase("2GB", 2147483648)]
    public void Sizes_are_read(string text, long expected)
    {
        Assert.That(ByteSize.TryParse(text, out var bytes));
        Assert.That(bytes, Is.EqualTo(expected));
    }

    [TestCase(100, "100 bytes")]
    [TestCase(1536, "1.5 KiB")]
    [TestCase(512L << 20, "512 MiB")]
    public void Sizes_are_written(long bytes, string expected) => Assert.That(ByteSize.Format(bytes), Is.EqualTo(expected));

    private static DeviceSettings Read(DeviceOptions options, params (string Name, string Value)[] variables) =>
        DeviceSettings.Read(options, name => variables.FirstOrDefault(v => v.Name == name).Value);
}
