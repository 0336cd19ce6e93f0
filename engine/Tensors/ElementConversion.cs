namespace VkNet.Tensors;

/// <summary>
/// Loads tensors of any type as double or long and stores them back with one rounding.
/// Host evaluators compute reals in double and whole numbers in long, whatever the stored type, so that they serve as references.
/// </summary>
public static class ElementConversion
{
    /// <summary>The values as doubles; true is 1.</summary>
    public static double[] LoadReals(Tensor source)
    {
        if (source.DataType == DataType.Float64) return source.ToArray<double>();
        var result = new double[source.Count];
        switch (source.DataType)
        {
            case DataType.Float32: Convert<float>(source, result, v => v); break;
            case DataType.Float16: Convert<Half>(source, result, v => (double)v); break;
            case DataType.BFloat16: Convert<ushort>(source, result, v => BitConverter.UInt32BitsToSingle((uint)v << 16)); break;
            case DataType.Int8: Convert<sbyte>(source, result, v => v); break;
            case DataType.UInt8: Convert<byte>(source, result, v => v); break;
            case DataType.Int16: Convert<short>(source, result, v => v); break;
            case DataType.UInt16: Convert<ushort>(source, result, v => v); break;
            case DataType.Int32: Convert<int>(source, result, v => v); break;
            case DataType.UInt32: Convert<uint>(source, result, v => v); break;
            case DataType.Int64: Convert<long>(source, result, v => v); break;
            case DataType.UInt64: Convert<ulong>(source, result, v => v); break;
            case DataType.Bool: Convert<bool>(source, result, v => v ? 1 : 0); break;
        }
        return result;
    }

    /// <summary>The values as longs; reals are cut toward zero (saturating), true is 1.</summary>
    public static long[] LoadIntegers(Tensor source)
    {
        if (source.DataType == DataType.Int64) return source.ToArray<long>();
        var result = new long[source.Count];
        switch (source.DataType)
        {
            case DataType.Int8: Convert<sbyte>(source, result, v => v); break;
            case DataType.UInt8: Convert<byte>(source, result, v => v); break;
            case DataType.Int16: Convert<short>(source, result, v => v); break;
            case DataType.UInt16: Convert<ushort>(source, result, v => v); break;
            case DataType.Int32: Convert<int>(source, result, v => v); break;
            case DataType.UInt32: Convert<uint>(source, result, v => v); break;
            case DataType.UInt64: Convert<ulong>(source, result, v => unchecked((long)v)); break;
            case DataType.Bool: Convert<bool>(source, result, v => v ? 1 : 0); break;
            default:
                var reals = LoadReals(source);
                for (var i = 0; i < reals.Length; i++) result[i] = (long)reals[i];
                break;
        }
        return result;
    }

    /// <summary>Stores doubles into <paramref name="target"/>, rounding once to its type; whole numbers saturate; not-a-number becomes true in a bool tensor.</summary>
    public static void StoreReals(Tensor target, ReadOnlySpan<double> values)
    {
        switch (target.DataType)
        {
            case DataType.Float32: Store<float>(target, values, v => (float)v); break;
            case DataType.Float64: values.CopyTo(target.Values<double>()); break;
            case DataType.Float16: Store<Half>(target, values, v => (Half)v); break;
            case DataType.BFloat16: Store<ushort>(target, values, v => RoundToBFloat16((float)v)); break;
            case DataType.Int8: Store<sbyte>(target, values, v => (sbyte)Math.Clamp(v, sbyte.MinValue, sbyte.MaxValue)); break;
            case DataType.UInt8: Store<byte>(target, values, v => (byte)Math.Clamp(v, byte.MinValue, byte.MaxValue)); break;
            case DataType.Int16: Store<short>(target, values, v => (short)Math.Clamp(v, short.MinValue, short.MaxValue)); break;
            case DataType.UInt16: Store<ushort>(target, values, v => (ushort)Math.Clamp(v, ushort.MinValue, ushort.MaxValue)); break;
            case DataType.Int32: Store<int>(target, values, v => (int)v); break;
            case DataType.UInt32: Store<uint>(target, values, v => (uint)v); break;
            case DataType.Int64: Store<long>(target, values, v => (long)v); break;
            case DataType.UInt64: Store<ulong>(target, values, v => (ulong)v); break;
            case DataType.Bool: Store<bool>(target, values, v => v != 0); break;
        }
    }

    /// <summary>Stores longs into <paramref name="target"/>, wrapping to narrower integers as C does.</summary>
    public static void StoreIntegers(Tensor target, ReadOnlySpan<long> values)
    {
        switch (target.DataType)
        {
            case DataType.Int8: Store<sbyte>(target, values, v => unchecked((sbyte)v)); break;
            case DataType.UInt8: Store<byte>(target, values, v => unchecked((byte)v)); break;
            case DataType.Int16: Store<short>(target, values, v => unchecked((short)v)); break;
            case DataType.UInt16: Store<ushort>(target, values, v => unchecked((ushort)v)); break;
            case DataType.Int32: Store<int>(target, values, v => unchecked((int)v)); break;
            case DataType.UInt32: Store<uint>(target, values, v => unchecked((uint)v)); break;
            case DataType.Int64: values.CopyTo(target.Values<long>()); break;
            case DataType.UInt64: Store<ulong>(target, values, v => unchecked((ulong)v)); break;
            case DataType.Bool: Store<bool>(target, values, v => v != 0); break;
            default:
                var reals = new double[values.Length];
                for (var i = 0; i < reals.Length; i++) reals[i] = values[i];
                StoreReals(target, reals);
                break;
        }
    }

    /// <summary>Rounds a single to bfloat16 bits, to nearest even; NaN stays NaN.</summary>
    public static ushort RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    private static void Convert<T>(Tensor source, double[] result, Func<T, double> convert) where T : unmanaged
    {
        var values = source.Values<T>();
        for (var i = 0; i < values.Length; i++) result[i] = convert(values[i]);
    }

    private static void Convert<T>(Tensor source, long[] result, Func<T, long> convert) where T : unmanaged
    {
        var values = source.Values<T>();
        for (var i = 0; i < values.Length; i++) result[i] = convert(values[i]);
    }

    private static void Store<T>(Tensor target, ReadOnlySpan<double> values, Func<double, T> convert) where T : unmanaged
    {
        var result = target.Values<T>();
        for (var i = 0; i < result.Length; i++) result[i] = convert(values[i]);
    }

    private static void Store<T>(Tensor target, ReadOnlySpan<long> values, Func<long, T> convert) where T : unmanaged
    {
        var result = target.Values<T>();
        for (var i = 0; i < result.Length; i++) result[i] = convert(values[i]);
    }
}
