namespace VkNet.Tests;

/// <summary>A folder of its own for one test, deleted with its content afterwards.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("vknet-test-").FullName;

    /// <summary>Path of a file in the folder.</summary>
    public string this[string name] => Path.Combine(_path, name);

    /// <summary>Names of the files there are.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFileSystemEntries(_path).Select(p => Path.GetFileName(p)!);

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
