using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>Files that hold nothing but the elements of a tensor, little-endian and row-major; type and shape come from elsewhere.</summary>
public static class RawFile
{
    /// <summary>Reads a tensor of a known type.</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN6401: the file's length is not the type's; VKN6005, VKN6006: beyond <see cref="Limits"/>.</exception>
    public static Tensor Load(string path, TensorType type)
    {
        type = FileTensor.CheckedType(path, "the file", type.DataType, type.Shape.AsSpan());
        var declared = FileTensor.ByteCount(type);
        using var stream = InputFile.OpenSeekable(path, FileOptions.SequentialScan);
        if (stream.Length != declared) throw WrongLength(path, type, stream.Length);
        try
        {
            var tensor = Tensor.Zeros(type);
            var read = InputFile.ReadUpTo(stream, tensor.Bytes());
            if (read < declared) throw WrongLength(path, type, read);
            FileTensor.Settle(type.DataType, tensor.Bytes(), bigEndian: false);
            return tensor;
        }
        catch (IOException e)
        {
            throw FileFault.Reading(path, e);
        }
    }

    /// <summary>Writes the elements of a tensor.</summary>
    /// <exception cref="VkNetException">VKN6003: the file cannot be written.</exception>
    public static void Save(string path, Tensor tensor) => AtomicFile.Write(path, stream => stream.Write(FileTensor.LittleEndianBytes(tensor)));

    private static VkNetException WrongLength(string path, TensorType type, long length) =>
        FileFault.Of("VKN6401", path, $"{type} takes {FileTensor.ByteCount(type)} bytes, but the file has {length}", "a raw file has no header: its length must be exactly that of the tensor");
}
