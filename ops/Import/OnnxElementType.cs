using VkNet.Tensors;

namespace VkNet.Operators.Import;

/// <summary>The numbers by which ONNX names element types (<c>TensorProto.DataType</c>), in tensors and in attributes such as <c>to</c> of Cast.</summary>
public static class OnnxElementType
{
    private static readonly (long Code, string Name, DataType? Type)[] Table =
    [
        (1, "float", DataType.Float32), (2, "uint8", DataType.UInt8), (3, "int8", DataType.Int8), (4, "uint16", DataType.UInt16),
        (5, "int16", DataType.Int16), (6, "int32", DataType.Int32), (7, "int64", DataType.Int64), (8, "string", null), (9, "bool", DataType.Bool),
        (10, "float16", DataType.Float16), (11, "double", DataType.Float64), (12, "uint32", DataType.UInt32), (13, "uint64", DataType.UInt64),
        (14, "complex64", null), (15, "complex128", null), (16, "bfloat16", DataType.BFloat16), (17, "float8e4m3fn", null),
        (18, "float8e4m3fnuz", null), (19, "float8e5m2", null), (20, "float8e5m2fnuz", null), (21, "uint4", null), (22, "int4", null),
        (23, "float4e2m1", null), (24, "float8e8m0", null), (25, "uint2", null), (26, "int2", null),
    ];

    /// <summary>The data type of that number; null for types that tensors here cannot hold (strings, complex numbers, 8-bit reals, 2- and 4-bit types).</summary>
    public static DataType? ToDataType(long code)
    {
        foreach (var row in Table)
            if (row.Code == code) return row.Type;
        return null;
    }

    /// <summary>The number of a data type.</summary>
    public static long FromDataType(DataType type)
    {
        foreach (var row in Table)
            if (row.Type == type) return row.Code;
        throw new ArgumentOutOfRangeException(nameof(type));
    }

    /// <summary>ONNX's name of that number, e.g. <c>float8e5m2</c>; <c>type 99</c> for an unknown one.</summary>
    public static string Name(long code)
    {
        foreach (var row in Table)
            if (row.Code == code) return row.Name;
        return $"type {code}";
    }
}
