namespace VkNet.Tensors;

/// <summary>The element type of a tensor.</summary>
public enum DataType
{
    /// <summary>IEEE 754 single precision; the type devices compute in.</summary>
    Float32,

    /// <summary>32-bit signed integer.</summary>
    Int32,

    /// <summary>64-bit signed integer; 64 bits on the host, 32 bits with a range check on the device.</summary>
    Int64,

    /// <summary>Truth value; one byte on the host, a 32-bit 0 or 1 on the device.</summary>
    Bool,

    /// <summary>IEEE 754 double precision; host only.</summary>
    Float64,

    /// <summary>IEEE 754 half precision; a storage type.</summary>
    Float16,

    /// <summary>The upper half of a single; a storage type.</summary>
    BFloat16,

    /// <summary>8-bit signed integer; 32 bits on the device.</summary>
    Int8,

    /// <summary>8-bit unsigned integer; 32 bits on the device.</summary>
    UInt8,

    /// <summary>16-bit signed integer; 32 bits on the device.</summary>
    Int16,

    /// <summary>16-bit unsigned integer; 32 bits on the device.</summary>
    UInt16,

    /// <summary>32-bit unsigned integer; must fit 31 bits on the device.</summary>
    UInt32,

    /// <summary>64-bit unsigned integer; must fit 31 bits on the device.</summary>
    UInt64,
}

/// <summary>Names, sizes and families of data types.</summary>
public static class DataTypes
{
    private static readonly (DataType Type, string Name, int Size)[] Table =
    [
        (DataType.Float32, "f32", 4), (DataType.Int32, "i32", 4), (DataType.Int64, "i64", 8), (DataType.Bool, "bool", 1),
        (DataType.Float64, "f64", 8), (DataType.Float16, "f16", 2), (DataType.BFloat16, "bf16", 2),
        (DataType.Int8, "i8", 1), (DataType.UInt8, "u8", 1), (DataType.Int16, "i16", 2), (DataType.UInt16, "u16", 2),
        (DataType.UInt32, "u32", 4), (DataType.UInt64, "u64", 8),
    ];

    /// <summary>Every name, in the order of the enumeration.</summary>
    public static IEnumerable<string> AllNames => Table.Select(t => t.Name);

    /// <summary>The short name used in graph files: <c>f32</c>, <c>i64</c>, <c>bool</c>.</summary>
    public static string Name(this DataType type) => Table[(int)type].Name;

    /// <summary>Bytes per element on the host.</summary>
    public static int HostSize(this DataType type) => Table[(int)type].Size;

    /// <summary>Whether values are real numbers (computed as double by host evaluators).</summary>
    public static bool IsFloat(this DataType type) => type is DataType.Float32 or DataType.Float64 or DataType.Float16 or DataType.BFloat16;

    /// <summary>Whether values are whole numbers (computed as long by host evaluators). Bool is neither.</summary>
    public static bool IsInteger(this DataType type) => !type.IsFloat() && type != DataType.Bool;

    /// <summary>Parses a short name; null when unknown.</summary>
    public static DataType? Parse(string name)
    {
        foreach (var row in Table)
            if (row.Name == name) return row.Type;
        return null;
    }
}
