using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>What every reader of tensors does alike: size checks before allocating, byte order, truth values.</summary>
internal static class FileTensor
{
    /// <summary>Most bytes that the array behind a host tensor can be addressed with.</summary>
    private const long LargestHostTensor = int.MaxValue;

    /// <summary>The type that a file declares, once its sizes are known to be harmless.</summary>
    /// <param name="file">The name for diagnostics.</param>
    /// <param name="what">What is declared, as it stands in the message: <c>tensor 'w'</c>.</param>
    /// <param name="dataType">Element type.</param>
    /// <param name="sizes">Sizes of the axes; none is negative.</param>
    /// <exception cref="VkNetException">VKN6005: too many bytes; VKN6006: too many axes.</exception>
    public static TensorType CheckedType(string file, string what, DataType dataType, ReadOnlySpan<long> sizes)
    {
        if (sizes.Length > Limits.MaximumRank)
            throw FileFault.Of("VKN6006", file, $"{what} has {sizes.Length} axes; at most {Limits.MaximumRank} are accepted");
        var limit = Math.Min(Limits.MaximumTensorBytes, LargestHostTensor) / dataType.HostSize();
        long count = 1;
        var empty = false;
        foreach (var size in sizes)
        {
            empty |= size == 0;
            if (size == 0) continue;
            // Zero sizes are left out of the product: the others must be harmless by themselves, for strides are made of them.
            if (size > limit / count)
                throw FileFault.Of("VKN6005", file, $"{what} declares the shape [{string.Join(", ", sizes.ToArray())}] of {dataType.Name()}, more than {limit * dataType.HostSize()} bytes",
                    "the declaration is damaged, or VkNet.Limits.MaximumTensorBytes must be raised");
            count *= size;
        }
        return new TensorType(dataType, new Shape(sizes));
    }

    /// <summary>Bytes of a tensor of a type that <see cref="CheckedType"/> accepted.</summary>
    public static long ByteCount(TensorType type) => type.Shape.ElementCount * type.DataType.HostSize();

    /// <summary>Turns bytes just read from a file into host values: the host's byte order, truth values 0 or 1.</summary>
    public static void Settle(DataType type, Span<byte> bytes, bool bigEndian)
    {
        if (bigEndian == BitConverter.IsLittleEndian) ReverseElements(bytes, type.HostSize());
        if (type != DataType.Bool) return;
        foreach (ref var value in bytes)
            value = value == 0 ? (byte)0 : (byte)1;
    }

    /// <summary>The bytes of a tensor in little-endian order; on a little-endian host without a copy.</summary>
    public static ReadOnlySpan<byte> LittleEndianBytes(Tensor tensor)
    {
        if (BitConverter.IsLittleEndian) return tensor.Bytes();
        var copy = tensor.Bytes().ToArray();
        ReverseElements(copy, tensor.DataType.HostSize());
        return copy;
    }

    private static void ReverseElements(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                var twos = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(twos, twos);
                break;
            case 4:
                var fours = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(fours, fours);
                break;
            case 8:
                var eights = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(eights, eights);
                break;
        }
    }
}
