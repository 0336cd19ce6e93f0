namespace VkNet.Formats;

/// <summary>Builds the diagnostics of this room, so that each one names its file the same way.</summary>
internal static class FileFault
{
    /// <summary>A diagnostic about <paramref name="file"/> as a whole.</summary>
    public static VkNetException Of(string code, string file, string message, string? help = null, Exception? inner = null) =>
        new(code, message, help, new SourceLocation(file), inner: inner);

    /// <summary>VKN6001 or VKN6002 for an exception that the operating system raised while <paramref name="file"/> was opened or read.</summary>
    public static VkNetException Reading(string file, Exception inner) => inner switch
    {
        FileNotFoundException or DirectoryNotFoundException =>
            Of("VKN6001", file, "the file does not exist", $"it was looked for at {FullPath(file)}", inner),
        UnauthorizedAccessException when Directory.Exists(file) => Of("VKN6002", file, "this is a folder, not a file", null, inner),
        UnauthorizedAccessException => Of("VKN6002", file, "the file may not be read", "check its permissions", inner),
        _ => Of("VKN6002", file, $"the file cannot be read: {inner.Message}", null, inner),
    };

    /// <summary>VKN6003 for an exception that the operating system raised while <paramref name="file"/> was written.</summary>
    public static VkNetException Writing(string file, Exception inner) => inner switch
    {
        DirectoryNotFoundException =>
            Of("VKN6003", file, "the file cannot be written: its folder does not exist", $"create {Path.GetDirectoryName(FullPath(file))} first", inner),
        UnauthorizedAccessException when Directory.Exists(file) => Of("VKN6003", file, "the file cannot be written: this is a folder", "give a file name", inner),
        UnauthorizedAccessException => Of("VKN6003", file, "the file may not be written", "check the permissions of the file and of its folder", inner),
        _ => Of("VKN6003", file, $"the file cannot be written: {inner.Message}", "nothing was changed", inner),
    };

    /// <summary>Whether an exception comes from the file system rather than from the program.</summary>
    public static bool IsFromFileSystem(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" };

    private static string FullPath(string file)
    {
        try
        {
            return Path.GetFullPath(file);
        }
        catch (Exception e) when (e is ArgumentException or IOException or NotSupportedException)
        {
            return file;
        }
    }
}
