using System.IO.Compression;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>
/// An npz archive: named NumPy arrays in a zip, stored or deflated. Opening reads the directory only;
/// each array is read, unpacked and checked against its CRC when it is asked for. Not thread-safe.
/// </summary>
public sealed class NpzFile : IDisposable
{
    private const string Suffix = ".npy";
    private readonly string _file;
    private readonly Stream _stream;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _members = new(StringComparer.Ordinal);

    private NpzFile(string file, Stream stream)
    {
        _file = file;
        _stream = stream;
        _archive = new ZipArchive(stream, ZipArchiveMode.Read);
        if (_archive.Entries.Count > Limits.MaximumArchiveMembers)
            throw FileFault.Of("VKN6107", file, $"the archive has {_archive.Entries.Count} members; at most {Limits.MaximumArchiveMembers} are accepted");
        foreach (var entry in _archive.Entries)
        {
            if (!entry.FullName.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            if (!_members.TryAdd(entry.FullName[..^Suffix.Length], entry))
                throw FileFault.Of("VKN6107", file, $"the archive holds the array '{entry.FullName[..^Suffix.Length]}' twice");
        }
    }

    /// <summary>Names of the arrays, in the archive's order.</summary>
    public IReadOnlyCollection<string> Names => _members.Keys;

    /// <summary>Opens an archive.</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN6107: no zip archive, or a damaged one.</exception>
    public static NpzFile Open(string path)
    {
        var stream = InputFile.OpenSeekable(path);
        try
        {
            return new NpzFile(path, stream);
        }
        catch (Exception e)
        {
            stream.Dispose();
            if (IsDamage(e)) throw Damaged(path, e);
            throw;
        }
    }

    /// <summary>Writes an archive.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">Names and values; the names must differ.</param>
    /// <param name="compress">Whether to deflate (as numpy.savez_compressed) or to store (as numpy.savez).</param>
    /// <exception cref="VkNetException">VKN6003: the file cannot be written.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, bool compress = false) => AtomicFile.Write(path, stream =>
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, tensor) in tensors)
        {
            var entry = archive.CreateEntry(name + Suffix, compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
            // A fixed date keeps the file the same for the same values.
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var content = entry.Open();
            NpyFile.Save(content, tensor);
        }
    });

    /// <summary>Reads one array.</summary>
    /// <exception cref="VkNetException">VKN6108: no such array; VKN6107, VKN6109: damaged, or a decompression bomb; VKN6101 to VKN6106, VKN6005, VKN6006: as in an npy file.</exception>
    public Tensor Read(string name)
    {
        ObjectDisposedException.ThrowIf(!_stream.CanRead, this);
        if (!_members.TryGetValue(name, out var entry))
            throw FileFault.Of("VKN6108", _file, $"the archive holds no array '{name}'", Suggestion.For(name, Names));
        try
        {
            if (!Compression.CanHold(entry.CompressedLength, entry.Length))
                throw FileFault.Of("VKN6109", _file, $"the array '{name}' declares {entry.Length} bytes, packed into {entry.CompressedLength}", "the archive is damaged or hostile; VkNet.Limits.MaximumDecompressedBytes caps what is unpacked");
            using var content = new SummedStream(entry.Open());
            var tensor = NpyFile.Read(content, entry.Length, $"{_file}({name})");
            content.ExpectEnd();
            if (content.Crc != entry.Crc32)
                throw FileFault.Of("VKN6107", _file, $"the array '{name}' is damaged: its CRC is {content.Crc:X8}, not {entry.Crc32:X8}");
            return tensor;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(_file, e);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _archive.Dispose();
        _stream.Dispose();
    }

    // The zip reader of .NET reports what it cannot make sense of in these ways.
    private static bool IsDamage(Exception e) => e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException;

    private static VkNetException Damaged(string file, Exception inner) =>
        FileFault.Of("VKN6107", file, $"this is no npz archive, or a damaged one: {inner.Message}", null, inner);
}
