using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>Which device is chosen; no driver takes part.</summary>
internal sealed class DeviceChoiceTests
{
    private static readonly DeviceProfile Software = new() { Name = "llvmpipe (LLVM 15.0.6, 256 bits)", DriverName = "llvmpipe", Type = DeviceType.Cpu, IsSoftware = true };
    private static readonly DeviceProfile Card = new() { Name = "GeForce", DriverName = "NVIDIA", Type = DeviceType.Discrete };
    private static readonly DeviceProfile SecondCard = new() { Name = "Radeon", DriverName = "radv", Type = DeviceType.Discrete };
    private static readonly DeviceProfile Laptop = new() { Name = "Iris", DriverName = "anv", Type = DeviceType.Integrated };
    private static readonly DeviceProfile Guest = new() { Name = "Venus", DriverName = "venus", Type = DeviceType.Virtual };

    private static readonly IReadOnlyList<DeviceInfo> All = Order(Software, Guest, Laptop, Card, SecondCard);

    [Test]
    public void Discrete_comes_before_integrated_virtual_and_cpu()
    {
        Assert.That(All.Select(d => d.Name), Is.EqualTo(new[] { "GeForce", "Radeon", "Iris", "Venus", Software.Name }));
        Assert.That(All.Select(d => d.Index), Is.EqualTo(Enumerable.Range(0, 5)));
    }

    [TestCase(null, "GeForce")]
    [TestCase("", "GeForce")]
    [TestCase("2", "Iris")]
    [TestCase(" 1 ", "Radeon")]
    [TestCase("radv", "Radeon")]
    [TestCase("VENUS", "Venus")]
    [TestCase("llvm", "llvmpipe (LLVM 15.0.6, 256 bits)")]
    [TestCase("256", "llvmpipe (LLVM 15.0.6, 256 bits)")]
    public void A_selector_is_an_index_or_part_of_a_name(string? selector, string expected) =>
        Assert.That(DeviceChoice.Choose(All, selector, requireHardware: false).Name, Is.EqualTo(expected));

    [Test]
    public void No_match_lists_what_there_is()
    {
        var fault = Faults.Expect("VKN4003", () => DeviceChoice.Choose(All, "voodoo", requireHardware: false));
        Assert.That(fault.Message, Does.Contain("voodoo").And.Contain("1: Radeon (discrete)"));
        Assert.That(fault.Kind, Is.EqualTo(ErrorKind.Device));
    }

    [Test]
    public void Software_is_refused_when_hardware_is_required()
    {
        Assert.That(DeviceChoice.Choose(All, null, requireHardware: true).Name, Is.EqualTo("GeForce"));
        Faults.Expect("VKN4004", () => DeviceChoice.Choose(Order(Software), null, requireHardware: true));
        Faults.Expect("VKN4004", () => DeviceChoice.Choose(All, "llvmpipe", requireHardware: true));
    }

    [Test]
    public void An_unsuitable_device_is_passed_over_or_named()
    {
        var devices = DeviceChoice.Order([(Card, "it offers Vulkan 1.1.0, 1.2 is needed"), (Software, null)]);
        Assert.That(DeviceChoice.Choose(devices, null, requireHardware: false).Name, Is.EqualTo(Software.Name));
        var fault = Faults.Expect("VKN4005", () => DeviceChoice.Choose(devices, "GeForce", requireHardware: false));
        Assert.That(fault.Message, Does.Contain("GeForce").And.Contain("1.2"));
    }

    [Test]
    public void No_device_at_all_says_what_to_install()
    {
        var fault = Faults.Expect("VKN4002", () => DeviceChoice.Choose([], null, requireHardware: false));
        Assert.That(fault.Diagnostic.Help, Does.Contain("mesa-vulkan-drivers"));
    }

    private static IReadOnlyList<DeviceInfo> Order(params DeviceProfile[] profiles) => DeviceChoice.Order(profiles.Select(p => (p, (string?)null)));
}
