namespace VkNet.Devices;

/// <summary>Where VkNet keeps what it may lose: compiled pipelines, the software driver's code, tuning tables.</summary>
internal static class CacheFolders
{
    /// <summary>The variable that names the folder.</summary>
    public const string Variable = "VKNET_CACHE_DIR";

    /// <summary>The folder: <paramref name="chosen"/>, else VKNET_CACHE_DIR, else the operating system's place; null when there is no such place. It may not exist yet.</summary>
    public static string? Find(string? chosen = null)
    {
        if (chosen is { Length: > 0 }) return Path.GetFullPath(chosen);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return Path.GetFullPath(named);
        if (OperatingSystem.IsWindows()) return Under(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "VkNet", "Cache");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS() || OperatingSystem.IsIOS()) return Under(home, "Library", "Caches", "vknet");

        // The XDG specification says that a relative path here is to be ignored.
        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg)
            ? Path.Combine(xdg, "vknet")
            : Under(home, ".cache", "vknet");
    }

    private static string? Under(string root, params ReadOnlySpan<string> parts) => root.Length == 0 ? null : Path.Combine([root, .. parts]);
}
