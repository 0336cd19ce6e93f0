using System.Runtime.InteropServices;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>Translates between host tensors and the device's four-byte elements.</summary>
internal static class DeviceElements
{
    /// <summary>Writes a tensor's elements.</summary>
    /// <exception cref="VkNetException">VKN4301: a whole number does not fit 32 bits.</exception>
    internal static void Encode(Tensor source, Span<byte> destination, string name)
    {
        switch (source.DataType)
        {
            case DataType.Float32 or DataType.Int32:
                source.Bytes().CopyTo(destination);
                return;
            case DataType.Float64 or DataType.Float16 or DataType.BFloat16:
                var reals = ElementConversion.LoadReals(source);
                var singles = MemoryMarshal.Cast<byte, float>(destination);
                for (var i = 0; i < reals.Length; i++) singles[i] = (float)reals[i];
                return;
            case DataType.Bool:
                var flags = source.Values<bool>();
                var words = MemoryMarshal.Cast<byte, int>(destination);
                for (var i = 0; i < flags.Length; i++) words[i] = flags[i] ? 1 : 0;
                return;
            case DataType.UInt32:
                // The device computes in signed 32 bits; the same bits are kept, and unsigned meaning is up to the operator.
                source.Bytes().CopyTo(destination);
                return;
            default:
                var wide = ElementConversion.LoadIntegers(source);
                var narrow = MemoryMarshal.Cast<byte, int>(destination);
                for (var i = 0; i < wide.Length; i++)
                {
                    // The extreme of 64 bits is how exporters write "to the end": it saturates without loss of meaning.
                    if (wide[i] is long.MaxValue or long.MinValue) narrow[i] = wide[i] < 0 ? int.MinValue : int.MaxValue;
                    else if (wide[i] is < int.MinValue or > int.MaxValue)
                        throw new VkNetException("VKN4301", $"element {i} of '{name}' is {wide[i]}, which does not fit the device's 32-bit integers", "whole numbers on the device lie between -2147483648 and 2147483647");
                    else narrow[i] = (int)wide[i];
                }
                return;
        }
    }

    /// <summary>Reads elements into a tensor of any type.</summary>
    internal static void Decode(ReadOnlySpan<byte> source, Tensor destination)
    {
        switch (destination.DataType)
        {
            case DataType.Float32 or DataType.Int32 or DataType.UInt32:
                source[..(destination.Count * 4)].CopyTo(destination.Bytes());
                return;
            case DataType.Int64:
                var words = MemoryMarshal.Cast<byte, int>(source);
                var wide = destination.Values<long>();
                for (var i = 0; i < wide.Length; i++) wide[i] = words[i];
                return;
            case DataType.Bool:
                var bits = MemoryMarshal.Cast<byte, int>(source);
                var flags = destination.Values<bool>();
                for (var i = 0; i < flags.Length; i++) flags[i] = bits[i] != 0;
                return;
            case DataType.Float64 or DataType.Float16 or DataType.BFloat16:
                var singles = MemoryMarshal.Cast<byte, float>(source);
                var reals = new double[destination.Count];
                for (var i = 0; i < reals.Length; i++) reals[i] = singles[i];
                ElementConversion.StoreReals(destination, reals);
                return;
            default:
                var narrow = MemoryMarshal.Cast<byte, int>(source);
                var integers = new long[destination.Count];
                for (var i = 0; i < integers.Length; i++) integers[i] = narrow[i];
                ElementConversion.StoreIntegers(destination, integers);
                return;
        }
    }
}
