using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VkNet.Onnx.Reading;

/// <summary>
/// Asks the operating system what .NET does not tell: whether a path is an ordinary file, and how many names an open file has.
/// Linux and Windows answer; elsewhere the answer is "unknown" and only symbolic links are recognised.
/// </summary>
internal static unsafe partial class FileLinks
{
    private const int CurrentFolder = -100, NoFollow = 0x100, EmptyPath = 0x1000;
    private const uint TypeAndLinks = 0x1 | 0x4;

    /// <summary>Whether the path itself (not what a link at it points to) is an ordinary file; null when unknown.</summary>
    public static bool? IsOrdinaryFile(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var status = stackalloc byte[256];
        return TryStatus(CurrentFolder, path, NoFollow, status) ? (Field16(status, 28) & 0xf000) == 0x8000 : null;
    }

    /// <summary>Number of names (hard links) of an open file; null when unknown.</summary>
    public static long? Count(SafeFileHandle file)
    {
        var status = stackalloc byte[256];
        if (OperatingSystem.IsLinux()) return TryStatus((int)file.DangerousGetHandle(), "", EmptyPath, status) ? Field32(status, 16) : null;
        if (OperatingSystem.IsWindows()) return GetFileInformationByHandle(file, status) ? Field32(status, 40) : null;
        return null;
    }

    private static bool TryStatus(int folder, string path, int flags, byte* status)
    {
        try
        {
            return Statx(folder, path, flags, TypeAndLinks, status) == 0;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    private static uint Field32(byte* structure, int offset) => BitConverter.ToUInt32(new ReadOnlySpan<byte>(structure + offset, 4));

    private static ushort Field16(byte* structure, int offset) => BitConverter.ToUInt16(new ReadOnlySpan<byte>(structure + offset, 2));

    // struct statx has the same layout on every architecture: links at byte 16, type and permissions at 28.
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* status);

    // BY_HANDLE_FILE_INFORMATION: the number of links at byte 40.
    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandle(SafeFileHandle file, byte* information);
}
