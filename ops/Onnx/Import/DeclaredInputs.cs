using VkNet.Graphs;
using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;
using VkNet.Operators.Import;

namespace VkNet.Onnx.Import;

/// <summary>Reads the inputs that a model declares.</summary>
internal static class DeclaredInputs
{
    /// <summary>The inputs that the caller gives. Axes without a size or a name get a symbol made of the input's name and the axis, <c>image.0</c>.</summary>
    /// <exception cref="VkNetException">VKN3005: an input is no tensor, or its rank is not declared; VKN3010: tensors here cannot hold its elements.</exception>
    public static IReadOnlyList<InputDeclaration> Read(GraphProto graph, Body main, ModelSource source)
    {
        var initialized = main.Initializers.Keys.ToHashSet(StringComparer.Ordinal);
        return [.. graph.Input.Where(i => !initialized.Contains(i.Name)).Select(i => Read(i, source))];
    }

    /// <summary>How messages call a type that is no tensor.</summary>
    public static string Describe(TypeProto type) => type.ValueCase switch
    {
        TypeProto.ValueOneofCase.SequenceType => "a sequence",
        TypeProto.ValueOneofCase.MapType => "a map",
        TypeProto.ValueOneofCase.SparseTensorType => "a sparse tensor",
        TypeProto.ValueOneofCase.OptionalType => "an optional value",
        _ => "of an unknown type",
    };

    private static InputDeclaration Read(ValueInfoProto input, ModelSource source)
    {
        if (input.Type?.TensorType is not { } type)
            throw source.Fault("VKN3005", $"input '{input.Name}' is {Describe(input.Type ?? new TypeProto())}, which VkNet cannot take", "only tensors can be inputs");
        if (OnnxElementType.ToDataType(type.ElemType) is not { } dataType)
            throw source.Fault("VKN3010", $"input '{input.Name}' has elements of {OnnxElementType.Name(type.ElemType)}, which tensors here cannot hold");
        if (type.Shape is null)
            throw source.Fault("VKN3005", $"input '{input.Name}' declares no shape, not even its number of axes", "export the model with the input's rank; its sizes may stay open");
        if (type.Shape.Dim.Count > Limits.MaximumRank)
            source.Fail("VKN3005", $"input '{input.Name}' has {type.Shape.Dim.Count} axes; at most {Limits.MaximumRank} are accepted");
        return new InputDeclaration(input.Name, dataType, [.. type.Shape.Dim.Select((d, axis) => Read(d, input.Name, axis))]) { Location = source.Location };
    }

    private static Dimension Read(TensorShapeProto.Types.Dimension dimension, string input, int axis)
    {
        if (dimension.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dimension.DimValue >= 0) return dimension.DimValue;
        // Exporters that do not know a size write nothing, a negative number or one of these words.
        var symbol = dimension.DimParam.Trim();
        return symbol is "" or "?" or "-1" or "None" ? $"{input}.{axis}" : symbol;
    }
}
