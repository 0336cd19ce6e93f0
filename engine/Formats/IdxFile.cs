using System.Buffers.Binary;
using System.IO.Compression;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>Reads and writes idx files, plain or gzip-compressed: the format that MNIST and its kin come in (big-endian, row-major).</summary>
public static class IdxFile
{
    private static readonly (byte Code, DataType Type)[] Codes =
    [
        (0x08, DataType.UInt8), (0x09, DataType.Int8), (0x0B, DataType.Int16),
        (0x0C, DataType.Int32), (0x0D, DataType.Float32), (0x0E, DataType.Float64),
    ];

    /// <summary>Reads the tensor of a file; gzip is recognised by its first bytes, whatever the name.</summary>
    /// <returns>A tensor of the file's own type: u8 [60000, 28, 28] for MNIST's images.</returns>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN6301 to VKN6304: not idx, of an unknown type, of the wrong length, or damaged gzip; VKN6005: beyond <see cref="Limits"/>.</exception>
    public static Tensor Load(string path) => Load(InputFile.Read(path, stream => InputFile.ReadAll(stream, path, Limits.MaximumTensorBytes)), path);

    /// <summary>Reads a tensor from the bytes of a file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="name">The name for diagnostics.</param>
    /// <inheritdoc cref="Load(string)" path="/exception"/>
    public static Tensor Load(byte[] content, string name)
    {
        var packed = content is [0x1F, 0x8B, ..];
        using Stream stream = packed ? new GZipStream(new MemoryStream(content), CompressionMode.Decompress) : new MemoryStream(content);
        try
        {
            var type = ReadHeader(stream, name, out var headerBytes);
            var declared = FileTensor.ByteCount(type);
            var fits = packed ? Compression.CanHold(content.Length, declared) : content.Length - headerBytes == declared;
            if (!fits)
                throw WrongLength(name, type, packed ? $"{content.Length} packed bytes cannot hold that" : $"{content.Length - headerBytes} bytes follow the header");
            var tensor = Tensor.Zeros(type);
            var bytes = tensor.Bytes();
            var read = InputFile.ReadUpTo(stream, bytes);
            if (read < bytes.Length) throw WrongLength(name, type, $"the data end after {read} bytes");
            if (stream.ReadByte() >= 0) throw WrongLength(name, type, "more follows");
            FileTensor.Settle(type.DataType, bytes, bigEndian: true);
            return tensor;
        }
        catch (InvalidDataException e)
        {
            throw FileFault.Of("VKN6304", name, $"the gzip data are damaged: {e.Message}", "fetch the file again", e);
        }
    }

    /// <summary>Writes a tensor of type u8, i8, i16, i32, f32 or f64; a name that ends in .gz is compressed.</summary>
    /// <exception cref="VkNetException">VKN6302: the type has no idx code; VKN6003: the file cannot be written.</exception>
    public static void Save(string path, Tensor tensor)
    {
        var code = Codes.FirstOrDefault(c => c.Type == tensor.DataType).Code;
        if (code == 0 || tensor.Shape.Rank > byte.MaxValue)
            throw FileFault.Of("VKN6302", path, $"idx files cannot hold {tensor.Type}", "they hold u8, i8, i16, i32, f32 and f64");
        var content = new byte[4 + (4 * tensor.Shape.Rank) + tensor.Bytes().Length];
        content[2] = code;
        content[3] = (byte)tensor.Shape.Rank;
        for (var axis = 0; axis < tensor.Shape.Rank; axis++)
            BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4 + (4 * axis)), checked((int)tensor.Shape[axis]));
        var data = content.AsSpan(4 + (4 * tensor.Shape.Rank));
        tensor.Bytes().CopyTo(data);
        FileTensor.Settle(tensor.DataType, data, bigEndian: true);
        AtomicFile.Write(path, stream =>
        {
            if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                stream.Write(content);
                return;
            }
            using var packed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
            packed.Write(content);
        });
    }

    private static TensorType ReadHeader(Stream stream, string file, out int headerBytes)
    {
        Span<byte> start = stackalloc byte[4];
        if (InputFile.ReadUpTo(stream, start) < 4 || start[0] != 0 || start[1] != 0)
            throw FileFault.Of("VKN6301", file, "this is no idx file: it does not start with two zero bytes, a type and a rank");
        var code = start[2];
        var row = Codes.FirstOrDefault(c => c.Code == code);
        if (row.Code == 0) throw FileFault.Of("VKN6302", file, $"the idx element type 0x{code:X2} is not known", "known: 08 u8, 09 i8, 0B i16, 0C i32, 0D f32, 0E f64");
        Span<byte> sizeBytes = stackalloc byte[4 * start[3]];
        if (InputFile.ReadUpTo(stream, sizeBytes) < sizeBytes.Length) throw FileFault.Of("VKN6303", file, "the idx file ends inside its header");
        var sizes = new long[start[3]];
        for (var axis = 0; axis < sizes.Length; axis++) sizes[axis] = BinaryPrimitives.ReadUInt32BigEndian(sizeBytes[(4 * axis)..]);
        headerBytes = 4 + sizeBytes.Length;
        return FileTensor.CheckedType(file, "the file", row.Type, sizes);
    }

    private static VkNetException WrongLength(string file, TensorType type, string what) =>
        FileFault.Of("VKN6303", file, $"the header declares {type}, which takes {FileTensor.ByteCount(type)} bytes, but {what}", "the file is cut short or damaged; fetch it again");
}
