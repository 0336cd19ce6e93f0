using System.Runtime.InteropServices;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>Reads and writes npy files: one NumPy array each, any numeric or bool type, either byte order, row- or column-major.</summary>
public static class NpyFile
{
    /// <summary>Reads the array of a file. A column-major (Fortran) array is turned to row-major.</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN6101 to VKN6106: not npy, damaged, or of a type that tensors cannot hold; VKN6005, VKN6006: beyond <see cref="Limits"/>.</exception>
    public static Tensor Load(string path) => InputFile.Read(path, stream => Load(stream, path));

    /// <summary>Reads an array from the stream's position to its end.</summary>
    /// <param name="stream">The content.</param>
    /// <param name="name">The name for diagnostics.</param>
    /// <inheritdoc cref="Load(string)" path="/exception"/>
    public static Tensor Load(Stream stream, string name)
    {
        if (!stream.CanSeek) stream = new MemoryStream(InputFile.ReadAll(stream, name, Limits.MaximumTensorBytes));
        return Read(stream, stream.Length - stream.Position, name);
    }

    /// <summary>Writes a tensor; bfloat16, which NumPy has not, is written as the float32 of the same value.</summary>
    /// <exception cref="VkNetException">VKN6003: the file cannot be written.</exception>
    public static void Save(string path, Tensor tensor) => AtomicFile.Write(path, stream => Save(stream, tensor));

    /// <inheritdoc cref="Save(string, Tensor)"/>
    public static void Save(Stream stream, Tensor tensor)
    {
        if (tensor.DataType == DataType.BFloat16) tensor = tensor.Cast(DataType.Float32);
        stream.Write(NpyHeader.Write(tensor.Type));
        stream.Write(FileTensor.LittleEndianBytes(tensor));
    }

    /// <summary>Reads an array that takes up exactly <paramref name="available"/> bytes of the stream.</summary>
    internal static Tensor Read(Stream stream, long available, string file)
    {
        var header = NpyHeader.Read(stream, file);
        var (declared, present) = (FileTensor.ByteCount(header.Type), available - header.ByteCount);
        if (present != declared)
        {
            throw FileFault.Of(present < declared ? "VKN6103" : "VKN6106", file,
                $"the header declares {header.Type}, which takes {declared} bytes, but {present} bytes follow it",
                present < declared ? "the file is cut short" : null);
        }
        var tensor = Tensor.Zeros(header.Type);
        var bytes = tensor.Bytes();
        if (InputFile.ReadUpTo(stream, bytes) < bytes.Length) throw FileFault.Of("VKN6103", file, "the file ends inside its data");
        FileTensor.Settle(header.Type.DataType, bytes, header.IsBigEndian);
        return header.IsFortranOrder && header.Type.Shape.Rank > 1 ? ToRowMajor(tensor) : tensor;
    }

    private static Tensor ToRowMajor(Tensor columnMajor)
    {
        var result = Tensor.Zeros(columnMajor.Type);
        var source = columnMajor.Bytes();
        var target = result.Bytes();
        switch (columnMajor.DataType.HostSize())
        {
            case 1: Transpose<byte>(source, target, columnMajor.Shape); break;
            case 2: Transpose<ushort>(source, target, columnMajor.Shape); break;
            case 4: Transpose<uint>(source, target, columnMajor.Shape); break;
            default: Transpose<ulong>(source, target, columnMajor.Shape); break;
        }
        return result;
    }

    private static void Transpose<T>(Span<byte> sourceBytes, Span<byte> targetBytes, Shape shape) where T : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, T>(sourceBytes);
        var target = MemoryMarshal.Cast<byte, T>(targetBytes);
        if (target.IsEmpty) return;
        var strides = new long[shape.Rank];
        strides[0] = 1;
        for (var axis = 1; axis < strides.Length; axis++) strides[axis] = strides[axis - 1] * shape[axis - 1];
        var index = new long[shape.Rank];
        long from = 0;
        for (var to = 0; ; to++)
        {
            target[to] = source[(int)from];
            var axis = shape.Rank - 1;
            // The odometer: an axis that overflows goes back to 0 and carries into the one before it.
            for (; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis]) break;
                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
            if (axis < 0) return;
        }
    }
}
