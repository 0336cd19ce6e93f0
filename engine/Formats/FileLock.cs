namespace VkNet.Formats;

/// <summary>
/// What one process at a time may hold: a file that is open for nobody else, and is deleted when it is let go. The system lets go for a process that
/// dies; the file that this leaves behind is in nobody's way.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // EAGAIN of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows: somebody else has it open.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private FileLock(FileStream file)
    {
        _file = file;
        TemporaryFiles.Add(file.Name);
    }

    /// <summary>Takes it, or gives null when another process or another part of this one holds it.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">The folder does not exist, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public static FileLock? TryTake(string path)
    {
        while (true)
        {
            FileStream file;
            try
            {
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (IOException e) when (Held.Contains(e.HResult))
            {
                return null;
            }
            // Whoever held it before may have deleted it between its being opened and its being locked; then the name is free for others.
            if (File.Exists(path)) return new FileLock(file);
            file.Dispose();
        }
    }

    /// <summary>Takes it as soon as it is free; null when it is not for so long.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="patience">How long to wait.</param>
    /// <exception cref="IOException">As <see cref="TryTake"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">As <see cref="TryTake"/>.</exception>
    public static FileLock? Take(string path, TimeSpan patience)
    {
        var end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (true)
        {
            if (TryTake(path) is { } taken) return taken;
            if (Environment.TickCount64 > end) return null;
            Thread.Sleep(5);
        }
    }

    /// <summary>Lets it go.</summary>
    public void Dispose()
    {
        _file.Dispose();
        TemporaryFiles.Remove(_file.Name);
    }
}
