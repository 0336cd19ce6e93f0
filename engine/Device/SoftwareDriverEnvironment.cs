using System.Runtime.Intrinsics.X86;

namespace VkNet.Devices;

/// <summary>
/// Prepares the environment of Mesa's software driver, which reads it once, when it is loaded: on a CPU with AVX-512 it
/// is asked for 512-bit vectors (subgroups of 16 instead of 8), which makes matrix products about 1.4 times faster.
/// Its own disk cache does not know the width and would hand back code of another one, so each width gets a folder.
/// What the user has set is left as it is.
/// </summary>
internal static class SoftwareDriverEnvironment
{
    private const string Width = "LP_NATIVE_VECTOR_WIDTH";
    private const string Cache = "MESA_SHADER_CACHE_DIR";
    private static readonly Lock Gate = new();
    private static bool s_applied;

    /// <summary>Sets what needs setting, once per process; to be called before the first Vulkan call.</summary>
    public static void Apply(string? cacheFolder)
    {
        if (!OperatingSystem.IsLinux()) return;
        lock (Gate)
        {
            if (s_applied) return;
            s_applied = true;
            foreach (var (name, value) in Plan(NativeEnvironment.Get, Avx512F.IsSupported && Avx512BW.IsSupported, cacheFolder))
            {
                if (name == Cache && !TryCreate(value)) continue;
                NativeEnvironment.Set(name, value);
            }
        }
    }

    /// <summary>The variables to set, given those that are set.</summary>
    /// <param name="get">Reads a variable; null when it is not set.</param>
    /// <param name="wide">Whether the CPU has 512-bit vectors.</param>
    /// <param name="cacheFolder">VkNet's cache folder; null when there is none.</param>
    public static IEnumerable<(string Name, string Value)> Plan(Func<string, string?> get, bool wide, string? cacheFolder)
    {
        var width = get(Width);
        if (string.IsNullOrEmpty(width))
        {
            if (!wide) yield break;
            width = "512";
            yield return (Width, width);
        }

        // A folder that the user chose is honoured, with a folder per width inside it.
        var folder = get(Cache) is { Length: > 0 } chosen ? chosen : cacheFolder;
        if (folder is null) yield return ("MESA_SHADER_CACHE_DISABLE", "true");
        else if (!Path.GetFileName(folder).StartsWith("mesa-", StringComparison.Ordinal)) yield return (Cache, Path.Combine(folder, "mesa-" + width));
    }

    private static bool TryCreate(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the folder Mesa falls back to its usual one, where code of another width may lie.
            NativeEnvironment.Set("MESA_SHADER_CACHE_DISABLE", "true");
            return false;
        }
    }
}
