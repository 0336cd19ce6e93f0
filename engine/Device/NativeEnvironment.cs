using System.Runtime.InteropServices;

namespace VkNet.Devices;

/// <summary>
/// The C library's environment of this process. .NET keeps a copy of its own, which native code such as a Vulkan driver
/// does not see.
/// </summary>
internal static partial class NativeEnvironment
{
    /// <summary>The value of a variable as native code sees it; null when it is not set.</summary>
    public static string? Get(string name) => Marshal.PtrToStringUTF8(GetValue(name));

    /// <summary>Sets a variable for native code in this process.</summary>
    public static void Set(string name, string value) => _ = SetValue(name, value, 1);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetValue(string name);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetValue(string name, string value, int overwrite);
}
