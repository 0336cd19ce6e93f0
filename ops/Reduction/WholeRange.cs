using VkNet.Tensors;

namespace VkNet.Operators.Reduction;

/// <summary>The ends of the ranges of whole-number types.</summary>
internal static class WholeRange
{
    /// <summary>The least value of a type.</summary>
    internal static long Least(DataType type) => type switch
    {
        DataType.Int8 => sbyte.MinValue,
        DataType.Int16 => short.MinValue,
        DataType.Int32 => int.MinValue,
        DataType.Int64 => long.MinValue,
        _ => 0,
    };

    /// <summary>The largest value of a type.</summary>
    internal static long Largest(DataType type) => type switch
    {
        DataType.Bool => 1,
        DataType.Int8 => sbyte.MaxValue,
        DataType.UInt8 => byte.MaxValue,
        DataType.Int16 => short.MaxValue,
        DataType.UInt16 => ushort.MaxValue,
        DataType.Int32 => int.MaxValue,
        DataType.UInt32 => uint.MaxValue,
        _ => long.MaxValue,
    };
}
