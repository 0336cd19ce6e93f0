using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>
/// The JSON header of a safetensors file. Reading proves that every tensor's bytes lie inside the file, that no two overlap
/// and that nothing lies between them, so that no reader of the data needs to check again.
/// </summary>
internal sealed class SafetensorsHeader
{
    private const string MetadataKey = "__metadata__";

    private static readonly (string Name, DataType Type)[] TypeNames =
    [
        ("F64", DataType.Float64), ("F32", DataType.Float32), ("F16", DataType.Float16), ("BF16", DataType.BFloat16),
        ("I64", DataType.Int64), ("I32", DataType.Int32), ("I16", DataType.Int16), ("I8", DataType.Int8),
        ("U64", DataType.UInt64), ("U32", DataType.UInt32), ("U16", DataType.UInt16), ("U8", DataType.UInt8), ("BOOL", DataType.Bool),
    ];

    private readonly string _file;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string file) => _file = file;

    /// <summary>The tensors by name, in the header's order.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>The free text that the writer added.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataStart">Where the data start in the file.</param>
    /// <param name="dataLength">How many bytes of data the file has.</param>
    /// <param name="file">The name for diagnostics.</param>
    /// <exception cref="VkNetException">VKN6203 to VKN6209, VKN6005, VKN6006.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataStart, long dataLength, string file)
    {
        var header = new SafetensorsHeader(file);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        try
        {
            header.ReadRoot(ref reader, dataStart, dataLength);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid UTF-8 or holds half a surrogate pair.
            throw header.Fault("VKN6203", $"the header is malformed: {e.Message}", e);
        }
        header.CheckCoverage(dataStart, dataLength);
        return header;
    }

    /// <summary>The bytes of a header for tensors that lie in the given order, padded with blanks to a multiple of 8.</summary>
    public static byte[] Write(IEnumerable<(string Name, TensorType Type)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            long offset = 0;
            foreach (var (name, type) in tensors)
            {
                writer.WriteStartObject(name);
                writer.WriteString("dtype", TypeNames.First(t => t.Type == type.DataType).Name);
                writer.WriteStartArray("shape");
                foreach (var size in type.Shape) writer.WriteNumberValue(size);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                offset += FileTensor.ByteCount(type);
                writer.WriteNumberValue(offset);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        var header = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        header.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header);
        return header;
    }

    private void ReadRoot(ref Utf8JsonReader reader, long dataStart, long dataLength)
    {
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        var sawMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (name == MetadataKey)
            {
                if (sawMetadata) throw Fault("VKN6209", $"the header has the key '{name}' twice");
                sawMetadata = true;
                ReadMetadata(ref reader);
            }
            else
            {
                var entry = ReadEntry(ref reader, name, dataStart, dataLength);
                if (!_entries.TryAdd(name, entry)) throw Fault("VKN6209", $"the header has the tensor '{name}' twice");
            }
        }
        if (reader.Read()) throw Fault("VKN6203", "the header is malformed: text follows its closing brace");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey}.{key}");
            if (!_metadata.TryAdd(key, reader.GetString()!)) throw Fault("VKN6209", $"the header's {MetadataKey} has the key '{key}' twice");
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name, long dataStart, long dataLength)
    {
        Expect(ref reader, JsonTokenType.StartObject, $"'{name}'");
        string? typeName = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            var repeated = key switch { "dtype" => typeName is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (repeated) throw Fault("VKN6209", $"the tensor '{name}' has the key '{key}' twice");
            switch (key)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, $"the dtype of '{name}'");
                    typeName = reader.GetString();
                    break;
                case "shape": shape = ReadNumbers(ref reader, $"the shape of '{name}'", Limits.MaximumRank); break;
                case "data_offsets": offsets = ReadNumbers(ref reader, $"the data_offsets of '{name}'", 2); break;
                default:
                    reader.Read();
                    reader.Skip();
                    break;
            }
        }
        if (typeName is null || shape is null || offsets is not { Count: 2 })
            throw Fault("VKN6203", $"the tensor '{name}' needs a dtype, a shape and two data_offsets");

        var row = TypeNames.FirstOrDefault(t => t.Name == typeName);
        if (row.Name is null) throw Fault("VKN6204", $"the tensor '{name}' has the type {typeName}, which tensors cannot hold");
        var type = FileTensor.CheckedType(_file, $"the tensor '{name}'", row.Type, CollectionsMarshal.AsSpan(shape));
        var (begin, end) = (offsets[0], offsets[1]);
        if (end > dataLength || begin > end)
            throw Fault("VKN6208", $"the tensor '{name}' lies at bytes {begin} to {end} of data that are {dataLength} bytes long", help: "the file is cut short or damaged");
        if (end - begin != FileTensor.ByteCount(type))
            throw Fault("VKN6205", $"the tensor '{name}' of type {type} takes {FileTensor.ByteCount(type)} bytes, but its data_offsets span {end - begin}");
        return new SafetensorsEntry(name, type, dataStart + begin, end - begin);
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string what, int most)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Fault("VKN6203", $"{what} must hold whole numbers that are not negative");
            if (numbers.Count == most) throw Fault("VKN6203", $"{what} holds more than {most} numbers");
            numbers.Add(number);
        }
        return numbers;
    }

    private void CheckCoverage(long dataStart, long dataLength)
    {
        var position = dataStart;
        SafetensorsEntry? previous = null;
        foreach (var entry in _entries.Values.OrderBy(e => e.Offset).ThenBy(e => e.ByteCount))
        {
            if (entry.Offset < position)
                throw Fault("VKN6206", $"the tensors '{previous!.Name}' and '{entry.Name}' overlap: one ends at byte {position}, the other starts at byte {entry.Offset}");
            if (entry.Offset > position)
                throw Fault("VKN6207", $"bytes {position} to {entry.Offset} before the tensor '{entry.Name}' belong to no tensor");
            position = entry.Offset + entry.ByteCount;
            previous = entry;
        }
        if (position != dataStart + dataLength)
            throw Fault("VKN6207", $"the {dataStart + dataLength - position} bytes after the last tensor belong to no tensor");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType wanted, string what)
    {
        if (!reader.Read() || reader.TokenType != wanted)
            throw Fault("VKN6203", $"{what} must be {wanted switch { JsonTokenType.StartObject => "an object", JsonTokenType.StartArray => "a list", _ => "a text" }}");
    }

    private VkNetException Fault(string code, string message, Exception? inner = null, string? help = null) => FileFault.Of(code, _file, message, help, inner);
}
