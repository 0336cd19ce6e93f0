using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>Whether the Khronos validation layer is on this machine.</summary>
internal static class ValidationLayer
{
    private static readonly Lazy<bool> Installed = new(() =>
    {
        try
        {
            new VulkanInstance(cacheFolder: null, new ValidationSink(null, null)).Dispose();
            return true;
        }
        catch (VkNetException)
        {
            return false;
        }
    });

    public static bool IsInstalled => Installed.Value;

    /// <summary>Skips the running test where there is no layer.</summary>
    public static void Require()
    {
        if (!IsInstalled) Assert.Ignore("VK_LAYER_KHRONOS_validation is not installed");
    }
}
