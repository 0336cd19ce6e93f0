using VkNet.Formats;

namespace VkNet.Training;

/// <summary>The folder that a training writes into, held by it alone: two of them would take turns in replacing each other's checkpoint.</summary>
internal sealed class OutputFolder : IDisposable
{
    private static readonly string[] Written = ["checkpoint.safetensors", "weights.safetensors", "log.csv"];

    private readonly FileLock _lock;

    /// <summary>Makes the folder where there is none, and takes it.</summary>
    /// <exception cref="VkNetException">VKN5032: another training has it; VKN6003: it cannot be made or written.</exception>
    internal OutputFolder(string folder)
    {
        FileLock? taken;
        try
        {
            Directory.CreateDirectory(folder);
            taken = FileLock.TryTake(Path.Combine(folder, ".training"));
            if (taken is not null)
                foreach (var file in Written) AtomicFile.DeleteAbandoned(Path.Combine(folder, file));
        }
        catch (Exception e) when (FileFault.IsFromFileSystem(e))
        {
            throw FileFault.Writing(folder, e);
        }
        _lock = taken ?? throw new VkNetException("VKN5032", $"another training is writing into '{folder}'", "let it end first, or write into another folder (--out DIR)");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
