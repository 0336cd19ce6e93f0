using System.Collections.Concurrent;

namespace VkNet.Formats;

/// <summary>What this process has begun to write under a temporary name, so that a process ended on request can take it away.</summary>
internal static class TemporaryFiles
{
    private static readonly ConcurrentDictionary<string, bool> Begun = new(StringComparer.Ordinal);

    /// <summary>Notes a file or folder that is about to be made.</summary>
    public static void Add(string path) => Begun[path] = true;

    /// <summary>Forgets one that has taken its place, or was deleted.</summary>
    public static void Remove(string path) => Begun.TryRemove(path, out _);

    /// <summary>Deletes all that there still are. Whatever is writing one of them must not go on.</summary>
    public static void DeleteAll()
    {
        foreach (var path in Begun.Keys)
        {
            try
            {
                if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
                else File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process is about to end; there is nobody to tell.
            }
        }
    }
}
