using System.Runtime.InteropServices;
using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>A machine without a driver, staged by pointing the loader nowhere.</summary>
[NonParallelizable]
internal sealed partial class NoDriverTests
{
    private const string Variable = "VK_DRIVER_FILES";

    [Test]
    public void No_driver_is_a_coded_fault_that_says_what_to_install()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("the loader's variable is set through libc");
        var before = NativeEnvironment.Get(Variable);
        var added = NativeEnvironment.Get("VK_ADD_DRIVER_FILES");
        NativeEnvironment.Set(Variable, "/nowhere/driver.json");
        if (added is not null) Unset("VK_ADD_DRIVER_FILES");
        try
        {
            foreach (var action in new Action[] { () => ComputeDevice.List(), () => ComputeDevice.Open() })
            {
                var fault = Faults.Expect("VKN4002", action);
                Assert.That(fault.Kind, Is.EqualTo(ErrorKind.Device));
                Assert.That(fault.Diagnostic.Help, Does.Contain("mesa-vulkan-drivers"));
            }
        }
        finally
        {
            if (before is null) Unset(Variable);
            else NativeEnvironment.Set(Variable, before);
            if (added is not null) NativeEnvironment.Set("VK_ADD_DRIVER_FILES", added);
        }
    }

    private static void Unset(string name) => _ = UnsetValue(name);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetValue(string name);
}
