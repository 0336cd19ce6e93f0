using System.Text;

namespace VkNet.Formats;

/// <summary>
/// Writes files so that a reader sees either the old content or the whole new one: the content goes to a temporary file
/// in the same folder, is flushed to the disk, and takes the place of the target in one rename. After a failure or a
/// kill the target is as it was before.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file through <paramref name="write"/>.</summary>
    /// <param name="path">The file to create or replace. A symbolic link is followed; a device such as /dev/stdout is written directly.</param>
    /// <param name="write">Writes the content; whatever it throws leaves the target untouched.</param>
    /// <exception cref="VkNetException">VKN6003: the folder does not exist, may not be written, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        string? temporary = null;
        try
        {
            var target = ResolveTarget(path);
            if (IsDevice(target))
            {
                using var device = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                write(device);
                return;
            }
            if (Directory.Exists(target)) throw new UnauthorizedAccessException();
            var mode = ExistingMode(target);
            temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
            TemporaryFiles.Add(temporary);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            if (mode is { } permissions && !OperatingSystem.IsWindows()) File.SetUnixFileMode(temporary, permissions);
            File.Move(temporary, target, overwrite: true);
            TemporaryFiles.Remove(temporary);
            temporary = null;
        }
        catch (Exception e) when (FileFault.IsFromFileSystem(e))
        {
            throw FileFault.Writing(path, e);
        }
        finally
        {
            if (temporary is not null) TryDelete(temporary);
        }
    }

    /// <summary>Writes bytes. See <see cref="Write"/>.</summary>
    /// <exception cref="VkNetException">VKN6003.</exception>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span));

    /// <summary>Writes text as UTF-8 without a byte-order mark. See <see cref="Write"/>.</summary>
    /// <exception cref="VkNetException">VKN6003.</exception>
    public static void WriteAllText(string path, string content) => WriteAllBytes(path, Encoding.UTF8.GetBytes(content));

    /// <summary>Deletes what processes that were killed had begun to write in the place of a file. Nobody may be writing it now.</summary>
    internal static void DeleteAbandoned(string path)
    {
        var target = ResolveTarget(path);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.*.tmp")) TryDelete(file);
    }

    private static string ResolveTarget(string path)
    {
        var full = Path.GetFullPath(path);
        // Devices are often links themselves (/dev/stdout); they are opened by the name the user gave.
        if (IsDevice(full)) return full;
        var info = new FileInfo(full);
        return info.LinkTarget is null ? full : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
    }

    // Renaming over a device would replace the device node by a plain file.
    private static bool IsDevice(string path) =>
        OperatingSystem.IsWindows() ? path.StartsWith(@"\\.\", StringComparison.Ordinal) : path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static UnixFileMode? ExistingMode(string target) =>
        !OperatingSystem.IsWindows() && File.Exists(target) ? File.GetUnixFileMode(target) : null;

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            TemporaryFiles.Remove(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here is the one worth reporting.
        }
    }
}
