using System.Runtime.CompilerServices;
using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>
/// The Vulkan drivers that the device tests run on: all that the loader finds, and those whose JSON files
/// VKNET_TEST_DRIVERS names (separated as paths are), such as SwiftShader's.
/// </summary>
internal static class TestDrivers
{
    /// <summary>What stands in place of a driver on a machine without any.</summary>
    public const string None = "no Vulkan driver";

    private static readonly Lazy<IReadOnlyList<string>> Found = new(Find);

    /// <summary>A name per driver, as <see cref="DeviceOptions.Selector"/> takes it; <see cref="None"/> alone when there is none.</summary>
    public static IReadOnlyList<string> All => Found.Value;

    // Before anything of the tests runs: the loader reads its variables when an instance is made.
    [ModuleInitializer]
    internal static void AddDrivers()
    {
        if (Environment.GetEnvironmentVariable("VKNET_TEST_DRIVERS") is not { Length: > 0 } drivers || OperatingSystem.IsWindows()) return;
        NativeEnvironment.Set("VK_ADD_DRIVER_FILES", drivers);
    }

    private static string[] Find()
    {
        try
        {
            return [.. ComputeDevice.List().Where(d => d.Unsuitable is null).Select(d => d.Profile.DriverName).Distinct()];
        }
        catch (VkNetException e) when (e.Kind == ErrorKind.Device)
        {
            return [None];
        }
    }
}
