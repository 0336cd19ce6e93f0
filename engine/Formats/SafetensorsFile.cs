using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>
/// Named tensors in the safetensors format. Opening reads and checks the header only; each tensor is read from its place
/// when it is asked for, also from several threads at once. Reads are positional and not a memory map, so a file that
/// another process cuts short meanwhile is a diagnostic and not the end of the process.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    private readonly string _file;
    private readonly FileStream _stream;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(string file, FileStream stream, SafetensorsHeader header)
    {
        _file = file;
        _stream = stream;
        _header = header;
    }

    /// <summary>The tensors by name, in the order of the header.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The free text that the writer added.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN6201: too short; VKN6202: header beyond <see cref="Limits"/>; VKN6203 to VKN6209: malformed header, unknown type, wrong, overlapping or missing byte ranges, repeated names; VKN6005, VKN6006: a tensor beyond <see cref="Limits"/>.</exception>
    public static SafetensorsFile Open(string path)
    {
        var stream = InputFile.OpenSeekable(path);
        try
        {
            var header = ReadHeader(stream.SafeFileHandle, path);
            return new SafetensorsFile(path, stream, header);
        }
        catch (Exception e)
        {
            stream.Dispose();
            if (e is IOException) throw FileFault.Reading(path, e);
            throw;
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="VkNetException">As <see cref="Open"/> and <see cref="Read"/>.</exception>
    public static Dictionary<string, Tensor> Load(string path)
    {
        using var file = Open(path);
        return file.Entries.Keys.ToDictionary(name => name, file.Read, StringComparer.Ordinal);
    }

    /// <summary>Writes a file: the widest element types first, so that every tensor is aligned, then by name; the same tensors give the same bytes.</summary>
    /// <param name="path">The file to create or replace; it is replaced in one step or not at all.</param>
    /// <param name="tensors">Names and values.</param>
    /// <param name="metadata">Free text to keep with them.</param>
    /// <exception cref="ArgumentException">A name is given twice, or is the reserved one.</exception>
    /// <exception cref="VkNetException">VKN6003: the file cannot be written.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(t => t.Value.DataType.HostSize()).ThenBy(t => t.Key, StringComparer.Ordinal).ToList();
        if (ordered.Select(t => t.Key).Distinct(StringComparer.Ordinal).Count() != ordered.Count) throw new ArgumentException("a tensor's name is given twice", nameof(tensors));
        if (ordered.Any(t => t.Key == "__metadata__")) throw new ArgumentException("the name __metadata__ is reserved by the format", nameof(tensors));
        var header = SafetensorsHeader.Write(ordered.Select(t => (t.Key, t.Value.Type)), metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, tensor) in ordered) stream.Write(FileTensor.LittleEndianBytes(tensor));
        });
    }

    /// <summary>Reads one tensor.</summary>
    /// <exception cref="VkNetException">VKN6210: no tensor of that name (the nearest one is offered); VKN6201: the file was cut short after it was opened.</exception>
    public Tensor Read(string name)
    {
        var entry = Find(name);
        var tensor = Tensor.Zeros(entry.Type);
        ReadBytes(name, 0, tensor.Bytes());
        FileTensor.Settle(entry.Type.DataType, tensor.Bytes(), bigEndian: false);
        return tensor;
    }

    /// <summary>Reads bytes of one tensor as they stand in the file (little-endian), straight into the caller's memory: staging a weight needs no copy in between.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="offset">First byte, counted from the tensor's start.</param>
    /// <param name="destination">Filled entirely.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range reaches beyond the tensor.</exception>
    /// <exception cref="VkNetException">VKN6210, VKN6201 as in <see cref="Read"/>.</exception>
    public void ReadBytes(string name, long offset, Span<byte> destination)
    {
        var entry = Find(name);
        if (offset < 0 || offset > entry.ByteCount - destination.Length) throw new ArgumentOutOfRangeException(nameof(offset), $"bytes {offset} to {offset + destination.Length} of '{name}', which has {entry.ByteCount}");
        try
        {
            ReadExactly(_stream.SafeFileHandle, entry.Offset + offset, destination, _file);
        }
        catch (IOException e)
        {
            throw FileFault.Reading(_file, e);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private static SafetensorsHeader ReadHeader(SafeFileHandle handle, string path)
    {
        var length = RandomAccess.GetLength(handle);
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        if (length < LengthBytes || RandomAccess.Read(handle, lengthBytes, 0) < LengthBytes)
            throw FileFault.Of("VKN6201", path, $"a safetensors file starts with 8 bytes that give its header's length; this one is {length} bytes long");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (headerLength > (ulong)(length - LengthBytes))
            throw FileFault.Of("VKN6201", path, $"the header declares {headerLength} bytes, but the file is {length} bytes long", "this is no safetensors file, or one that was cut short");
        if (headerLength > (ulong)Limits.MaximumSafetensorsHeaderBytes)
            throw FileFault.Of("VKN6202", path, $"the header declares {headerLength} bytes; at most {Limits.MaximumSafetensorsHeaderBytes} are accepted");
        var json = new byte[headerLength];
        ReadExactly(handle, LengthBytes, json, path);
        var dataStart = LengthBytes + json.Length;
        return SafetensorsHeader.Parse(json, dataStart, length - dataStart, path);
    }

    private SafetensorsEntry Find(string name) =>
        Entries.TryGetValue(name, out var entry) ? entry
            : throw FileFault.Of("VKN6210", _file, $"the file holds no tensor '{name}'", Suggestion.For(name, Entries.Keys));

    private static void ReadExactly(SafeFileHandle handle, long offset, Span<byte> destination, string file)
    {
        while (!destination.IsEmpty)
        {
            var count = RandomAccess.Read(handle, destination, offset);
            if (count == 0) throw FileFault.Of("VKN6201", file, $"the file ends at byte {offset}, inside its content");
            destination = destination[count..];
            offset += count;
        }
    }
}
