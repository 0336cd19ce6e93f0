namespace VkNet.Devices;

/// <summary>Turns the result of a Vulkan command into a diagnostic.</summary>
internal static class VulkanResults
{
    /// <summary>Throws when a command failed. Loss is reported by <see cref="NativeDevice.Check"/>, which also remembers it.</summary>
    /// <param name="result">What the command returned.</param>
    /// <param name="doing">What was being done, to complete "while ...".</param>
    public static void Check(Result result, string doing)
    {
        if (result != Result.Success) throw Error(result, doing);
    }

    /// <summary>The exception for a failed command.</summary>
    public static VkNetException Error(Result result, string doing) => result switch
    {
        Result.ErrorOutOfHostMemory => DeviceErrors.OutOfHostMemory(doing),
        Result.ErrorOutOfDeviceMemory => DeviceErrors.OutOfDeviceMemory(doing),
        Result.ErrorDeviceLost => new DeviceLostException("unnamed", doing),
        _ => DeviceErrors.DriverFailed(doing, result),
    };
}
