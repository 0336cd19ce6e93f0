using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>
/// The header of an npy file (NumPy's format, versions 1.0 to 3.0): magic, version, length and a Python dictionary literal
/// with the keys descr, fortran_order and shape.
/// </summary>
/// <param name="Type">Element type and shape.</param>
/// <param name="IsFortranOrder">Whether the first axis is the contiguous one.</param>
/// <param name="IsBigEndian">Whether elements have their highest byte first.</param>
/// <param name="ByteCount">Bytes of the header: the data start there.</param>
internal sealed record NpyHeader(TensorType Type, bool IsFortranOrder, bool IsBigEndian, int ByteCount)
{
    private static readonly (string Code, DataType Type)[] Codes =
    [
        ("f4", DataType.Float32), ("f8", DataType.Float64), ("f2", DataType.Float16), ("b1", DataType.Bool),
        ("i1", DataType.Int8), ("u1", DataType.UInt8), ("i2", DataType.Int16), ("u2", DataType.UInt16),
        ("i4", DataType.Int32), ("u4", DataType.UInt32), ("i8", DataType.Int64), ("u8", DataType.UInt64),
    ];

    private static ReadOnlySpan<byte> Magic => "NUMPY"u8;

    /// <summary>Reads a header from the stream's position.</summary>
    /// <exception cref="VkNetException">VKN6101 to VKN6105, VKN6005, VKN6006.</exception>
    public static NpyHeader Read(Stream stream, string file)
    {
        Span<byte> start = stackalloc byte[8];
        var read = InputFile.ReadUpTo(stream, start);
        if (read < 6 || start[0] != 0x93 || !start[1..6].SequenceEqual(Magic))
            throw FileFault.Of("VKN6101", file, "this is no npy file: it does not start with the bytes 93 'NUMPY'");
        if (read < 8) throw Truncated(file);
        if (start[6] is < 1 or > 3)
            throw FileFault.Of("VKN6102", file, $"npy version {start[6]}.{start[7]} is not known; 1.0, 2.0 and 3.0 are");

        Span<byte> lengthBytes = stackalloc byte[start[6] == 1 ? 2 : 4];
        if (InputFile.ReadUpTo(stream, lengthBytes) < lengthBytes.Length) throw Truncated(file);
        var length = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > Limits.MaximumNpyHeaderBytes)
            throw FileFault.Of("VKN6104", file, $"the header declares {length} bytes; at most {Limits.MaximumNpyHeaderBytes} are accepted");
        var text = new byte[length];
        if (InputFile.ReadUpTo(stream, text) < text.Length) throw Truncated(file);
        return Parse(Encoding.UTF8.GetString(text), 8 + lengthBytes.Length + text.Length, file);
    }

    /// <summary>The bytes of a version 1.0 header for a row-major little-endian tensor, padded so that the data start at a multiple of 64.</summary>
    public static byte[] Write(TensorType type)
    {
        var code = Codes.First(c => c.Type == type.DataType).Code;
        var order = type.DataType.HostSize() == 1 ? '|' : '<';
        var shape = type.Shape.Rank == 1 ? $"({type.Shape[0]},)" : $"({string.Join(", ", type.Shape)})";
        var text = $"{{'descr': '{order}{code}', 'fortran_order': False, 'shape': {shape}, }}";
        const int fixedBytes = 10;
        var total = (fixedBytes + text.Length + 1 + 63) / 64 * 64;
        var header = new byte[total];
        header[0] = 0x93;
        Magic.CopyTo(header.AsSpan(1));
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), checked((ushort)(total - fixedBytes)));
        header.AsSpan(fixedBytes).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, header.AsSpan(fixedBytes));
        header[^1] = (byte)'\n';
        return header;
    }

    private static NpyHeader Parse(string text, int byteCount, string file)
    {
        var literal = new PythonLiteral(text);
        string? descriptor = null;
        bool? fortran = null;
        List<long>? shape = null;
        try
        {
            literal.Expect('{');
            while (!literal.TryTake('}'))
            {
                var key = literal.TakeString();
                literal.Expect(':');
                var repeated = key switch { "descr" => descriptor is not null, "fortran_order" => fortran is not null, "shape" => shape is not null, _ => false };
                if (repeated) throw new FormatException($"the key '{key}' appears twice");
                switch (key)
                {
                    case "descr" when literal.Next == '[':
                        throw FileFault.Of("VKN6105", file, "the array has a structured element type", "save each of its fields as an array of its own");
                    case "descr": descriptor = literal.TakeString(); break;
                    case "fortran_order": fortran = literal.TakeTruth(); break;
                    case "shape": shape = literal.TakeTuple(); break;
                    default: throw new FormatException($"the key '{key}' is not known");
                }
                if (literal.TryTake(',')) continue;
                literal.Expect('}');
                break;
            }
            literal.ExpectEnd();
        }
        catch (FormatException e)
        {
            throw FileFault.Of("VKN6104", file, $"the npy header is malformed: {e.Message}");
        }
        if (descriptor is null || fortran is null || shape is null)
            throw FileFault.Of("VKN6104", file, "the npy header is malformed: it needs the keys 'descr', 'fortran_order' and 'shape'");

        var (dataType, bigEndian) = ParseDescriptor(descriptor, file);
        var type = FileTensor.CheckedType(file, "the array", dataType, CollectionsMarshal.AsSpan(shape));
        return new NpyHeader(type, fortran.Value, bigEndian, byteCount);
    }

    private static (DataType Type, bool BigEndian) ParseDescriptor(string descriptor, string file)
    {
        var order = descriptor.Length > 0 ? descriptor[0] : ' ';
        var code = order is '<' or '>' or '|' or '=' ? descriptor[1..] : descriptor;
        if (code == "?") code = "b1";
        foreach (var (known, type) in Codes)
            if (known == code) return (type, order == '>' || (order == '=' && !BitConverter.IsLittleEndian));
        throw FileFault.Of("VKN6105", file, $"arrays of the element type '{descriptor}' cannot be read",
            code.StartsWith('O') ? "Python objects are never loaded; save a numeric array" : "save the array as a real, whole-number or bool type");
    }

    private static VkNetException Truncated(string file) => FileFault.Of("VKN6103", file, "the npy file ends inside its header");
}
