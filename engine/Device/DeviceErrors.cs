namespace VkNet.Devices;

/// <summary>The diagnostics of the device room, one method per code, so that each is worded once.</summary>
internal static class DeviceErrors
{
    private const string InstallDriver =
        "install a driver for your graphics card, or Mesa's software driver: on Debian and Ubuntu 'apt-get install libvulkan1 mesa-vulkan-drivers'";

    public static VkNetException NoLoader(string tried, Exception inner) => Error(
        "VKN4001", $"no Vulkan loader on this machine ({tried})",
        OperatingSystem.IsWindows() ? "vulkan-1.dll comes with the driver of a graphics card: install or update that driver"
        : OperatingSystem.IsMacOS() ? "install the Vulkan SDK or MoltenVK ('brew install molten-vk vulkan-loader')"
        : InstallDriver,
        inner);

    public static VkNetException NoDevice(string reason) => Error(
        "VKN4002", $"no Vulkan device: {reason}",
        InstallDriver + (Environment.GetEnvironmentVariable("VK_DRIVER_FILES") is { Length: > 0 } files ? $"; VK_DRIVER_FILES is set to '{files}': check that it names a driver's JSON file" : ""));

    public static VkNetException NoSuchDevice(string selector, IReadOnlyList<DeviceInfo> devices) => Error(
        "VKN4003", $"no Vulkan device matches '{selector}'", "there are: " + Listed(devices));

    public static VkNetException OnlySoftware(IReadOnlyList<DeviceInfo> devices) => Error(
        "VKN4004", "a hardware device is required, and there are only software drivers",
        "install the driver of your graphics card, or allow the software driver; there are: " + Listed(devices));

    public static VkNetException Unsuitable(DeviceInfo device) => Error(
        "VKN4005", $"the device '{device.Name}' cannot be used: {device.Unsuitable}", "update its driver, or choose another device with --device");

    public static VkNetException NoValidationLayer() => Error(
        "VKN4006", "validation was asked for, and the layer VK_LAYER_KHRONOS_validation is not installed",
        "on Debian and Ubuntu 'apt-get install vulkan-validationlayers'; elsewhere it comes with the Vulkan SDK");

    public static VkNetException UnknownFeature(string name) => new(
        "VKN4007", $"there is no device feature '{name}' to disable", Suggestion.For(name, DeviceFeatures.All));

    public static VkNetException BadSetting(string variable, string text, string wanted) => new(
        "VKN4008", $"{variable} is '{text}', which is not {wanted}");

    public static VkNetException OutOfDeviceMemory(string label, long bytes, MemoryStatistics memory, long heap) => Error(
        "VKN4010", $"device memory exhausted: '{label}' needs {ByteSize.Format(bytes)}, {ByteSize.Format(memory.LiveBytes)} are allocated, the device has {ByteSize.Format(heap)}",
        "use a smaller batch or model, close other programs that use the device, or choose another device with --device");

    public static VkNetException OutOfDeviceMemory(string doing) => Error(
        "VKN4010", $"device memory exhausted while {doing}", "use a smaller batch or model, close other programs that use the device, or choose another device with --device");

    public static VkNetException MemoryLimit(string label, long bytes, MemoryStatistics memory) => Error(
        "VKN4011", $"device memory limit reached: '{label}' needs {ByteSize.Format(bytes)}, {ByteSize.Format(memory.LiveBytes)} are allocated, the limit is {ByteSize.Format(memory.Limit ?? 0)}",
        "raise VKNET_MEMORY_LIMIT, or use a smaller batch or model");

    public static VkNetException AllocationTooLarge(string label, long bytes, long limit) => Error(
        "VKN4012", $"'{label}' needs {ByteSize.Format(bytes)} in one piece, the device allocates at most {ByteSize.Format(limit)}",
        "use a smaller batch or model, or choose another device with --device");

    public static VkNetException RangeTooLarge(string label, string kernel, string binding, long size, string limitName, long limit) => Error(
        "VKN4013", $"'{label}' has {size} bytes, more than kernel {kernel} can be given as '{binding}': the device's {limitName} allows {limit}",
        "use a smaller batch or picture, or choose another device with --device");

    public static VkNetException TooManyGroups(string kernel, char axis, long count, long limit) => Error(
        "VKN4014", $"kernel {kernel} needs {count} workgroups along {axis}, the device allows {limit}",
        "use a smaller batch or picture, or choose another device with --device");

    public static VkNetException OutOfHostMemory(string doing) => Error("VKN4015", $"host memory exhausted while {doing}", "close other programs, or use a smaller batch or model");

    public static VkNetException KernelUnsupported(string kernel, string device, string reason) => Error(
        "VKN4016", $"kernel {kernel} cannot run on '{device}': it {reason}", "another variant or another device is needed");

    public static VkNetException TooManyPipelines(string plan, int count, int limit) => Error(
        "VKN4022", $"the plan '{plan}' needs {count} different kernels; at most {limit} are accepted", "a program can raise VkNet.Limits.MaximumPipelines");

    public static VkNetException TimedOut(TimeSpan waited, string device) => Error(
        "VKN4019", $"the device '{device}' did not finish within {waited.TotalSeconds:0.#} s", "it may be busy with other work; wait longer or use a smaller batch");

    public static VkNetException DriverFailed(string doing, Result result) => Error(
        "VKN4021", $"the Vulkan driver failed while {doing}: {result}", "update the driver; if it persists, run with --validate and report what it prints");

    private static VkNetException Error(string code, string message, string help, Exception? inner = null) =>
        new(code, message, help, kind: ErrorKind.Device, inner: inner);

    private static string Listed(IReadOnlyList<DeviceInfo> devices) =>
        string.Join("; ", devices.Select(d => $"{d.Index}: {d.Name} ({d.Type.ToString().ToLowerInvariant()})"));
}
