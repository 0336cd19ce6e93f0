namespace VkNet.Tensors;

/// <summary>What is known of a tensor before it has values: element type and shape.</summary>
/// <param name="DataType">Element type.</param>
/// <param name="Shape">Sizes of the axes.</param>
public sealed record TensorType(DataType DataType, Shape Shape)
{
    /// <summary>A float32 type of the given sizes.</summary>
    public static TensorType Float(params ReadOnlySpan<long> sizes) => new(DataType.Float32, new Shape(sizes));

    /// <summary>Formats as <c>f32[2, 3]</c>.</summary>
    public override string ToString() => DataType.Name() + Shape;
}
