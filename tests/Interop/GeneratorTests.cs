using VkNet.BindingGenerator;
using VkNet.BindingGenerator.Emission;
using VkNet.BindingGenerator.Model;

namespace VkNet.Tests.Interop;

/// <summary>The generator of the Vulkan binding.</summary>
internal sealed class GeneratorTests
{
    private const string RegistryPath = "/usr/share/vulkan/registry/vk.xml";

    [TestCase("VkBufferUsageFlagBits", "VK_BUFFER_USAGE_STORAGE_BUFFER_BIT", "StorageBufferBit")]
    [TestCase("VkSampleCountFlagBits", "VK_SAMPLE_COUNT_1_BIT", "Count1Bit")]
    [TestCase("VkStructureType", "VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT", "DebugUtilsMessengerCreateInfoExt")]
    [TestCase("VkResult", "VK_ERROR_DEVICE_LOST", "ErrorDeviceLost")]
    [TestCase("VkFormat", "VK_FORMAT_R32G32B32A32_SFLOAT", "R32G32B32A32Sfloat")]
    [TestCase("VkComponentTypeKHR", "VK_COMPONENT_TYPE_FLOAT16_KHR", "Float16Khr")]
    public void Values_are_named_as_Silk_names_them(string type, string value, string expected) =>
        Assert.That(Naming.EnumValue(type, value), Is.EqualTo(expected));

    [Test]
    public void Members_and_commands_are_named_as_Silk_names_them()
    {
        Assert.That(Naming.Field("pipelineCacheUUID"), Is.EqualTo("PipelineCacheUuid"));
        Assert.That(Naming.Field("pNext"), Is.EqualTo("PNext"));
        Assert.That(Naming.Command("vkCmdBeginDebugUtilsLabelEXT"), Is.EqualTo("CmdBeginDebugUtilsLabel"));
        Assert.That(Naming.Constant("VK_MAX_MEMORY_TYPES"), Is.EqualTo("MaxMemoryTypes"));
    }

    [Test]
    public void The_committed_binding_is_what_the_generator_writes()
    {
        var tool = Path.Combine(TestData.Repository, "tools", "BindingGenerator");
        if (!File.Exists(RegistryPath)) Assert.Ignore($"no {RegistryPath} on this machine");
        var registry = RegistryReader.Read(RegistryPath, Path.Combine(tool, "supplement.xml"));
        var selection = new Selection(registry, AllowList.Parse(File.ReadLines(Path.Combine(tool, "allow.txt"))));
        var file = new CommandWriter(selection).Core();
        var committed = File.ReadAllText(Path.Combine(TestData.Repository, "engine", "Interop", "Generated", file.Name));
        if (!committed.Contains($"header version {registry.Version})", StringComparison.Ordinal)) Assert.Ignore($"the committed binding was made from another version than {registry.Version}");
        Assert.That(file.Text, Is.EqualTo(committed));
        var types = new TypeWriter(selection);
        foreach (var other in new[] { types.Handles(), types.Enums(), types.Structs() })
        {
            Assert.That(other.Text, Is.EqualTo(File.ReadAllText(Path.Combine(TestData.Repository, "engine", "Interop", "Generated", other.Name))));
        }
    }

    [Test]
    public void A_command_that_the_registry_lacks_is_named()
    {
        var registry = new Registry();
        Assert.That(
            () => new Selection(registry, AllowList.Parse(["core", "cmd vkMadeUp"])),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("vkMadeUp"));
    }
}
