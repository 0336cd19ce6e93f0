using System.Runtime.InteropServices;
using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>Type-blind element movement for host evaluators.</summary>
public static class ElementMove
{
    /// <summary>Makes a tensor whose element i is element <paramref name="indices"/>[i] of <paramref name="source"/>, or zero where the index is negative.</summary>
    public static Tensor Gather(Tensor source, TensorType type, ReadOnlySpan<long> indices)
    {
        var result = Tensor.Zeros(type.DataType == source.DataType ? type : new TensorType(source.DataType, type.Shape));
        switch (source.DataType.HostSize())
        {
            case 1: Gather(source.Bytes(), result.Bytes(), indices); break;
            case 2: Gather(MemoryMarshal.Cast<byte, ushort>(source.Bytes()), MemoryMarshal.Cast<byte, ushort>(result.Bytes()), indices); break;
            case 4: Gather(MemoryMarshal.Cast<byte, uint>(source.Bytes()), MemoryMarshal.Cast<byte, uint>(result.Bytes()), indices); break;
            default: Gather(MemoryMarshal.Cast<byte, ulong>(source.Bytes()), MemoryMarshal.Cast<byte, ulong>(result.Bytes()), indices); break;
        }
        return result;
    }

    private static void Gather<T>(Span<T> source, Span<T> result, ReadOnlySpan<long> indices) where T : unmanaged
    {
        for (var i = 0; i < result.Length; i++)
            if (indices[i] >= 0) result[i] = source[checked((int)indices[i])];
    }
}
