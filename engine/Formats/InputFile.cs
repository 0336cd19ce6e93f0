namespace VkNet.Formats;

/// <summary>Opens and reads files of the user, with diagnostics in place of the operating system's exceptions.</summary>
internal static class InputFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="VkNetException">VKN6001: it does not exist; VKN6002: it cannot be opened.</exception>
    public static FileStream Open(string path, FileOptions options = FileOptions.SequentialScan)
    {
        try
        {
            if (path.Length == 0) throw new FileNotFoundException();
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, options);
        }
        catch (Exception e) when (FileFault.IsFromFileSystem(e))
        {
            throw FileFault.Reading(path, e);
        }
    }

    /// <summary>Opens a file that must have a length and a position (no pipe, no device).</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002.</exception>
    public static FileStream OpenSeekable(string path, FileOptions options = FileOptions.RandomAccess)
    {
        var stream = Open(path, options);
        if (stream.CanSeek) return stream;
        stream.Dispose();
        throw FileFault.Of("VKN6002", path, "this kind of file is read out of order, which a pipe or a device does not allow", "save it as an ordinary file first");
    }

    /// <summary>Runs a reader over the opened file; what the operating system throws becomes VKN6002.</summary>
    public static T Read<T>(string path, Func<Stream, T> reader)
    {
        using var stream = Open(path);
        try
        {
            return reader(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Reading(path, e);
        }
    }

    /// <summary>All bytes from the stream's position on.</summary>
    /// <param name="stream">Any readable stream; a length is used when it has one.</param>
    /// <param name="file">The name for diagnostics.</param>
    /// <param name="limit">Most bytes accepted.</param>
    /// <exception cref="VkNetException">VKN6004: longer than <paramref name="limit"/>.</exception>
    public static byte[] ReadAll(Stream stream, string file, long limit)
    {
        limit = Math.Min(limit, Array.MaxLength);
        var known = stream.CanSeek ? stream.Length - stream.Position : 0;
        if (known > limit) throw TooLong(file, limit, known);
        // Pseudo-files report length 0 and still have content, so the end of the stream decides, not the length.
        using var content = new MemoryStream((int)Math.Max(0, known));
        var buffer = new byte[1 << 16];
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            if (content.Length + count > limit) throw TooLong(file, limit, null);
            content.Write(buffer, 0, count);
        }
        return content.Length == content.Capacity ? content.GetBuffer() : content.ToArray();
    }

    /// <summary>Fills <paramref name="destination"/> as far as the stream goes; returns the number of bytes read.</summary>
    public static int ReadUpTo(Stream stream, Span<byte> destination) => stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);

    private static VkNetException TooLong(string file, long limit, long? length) =>
        FileFault.Of("VKN6004", file, $"the file has {(length is { } known ? $"{known}" : "more")} bytes; at most {limit} are accepted for this kind of file", "a program can raise the cap in VkNet.Limits");
}
