using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>A function of the model.</summary>
/// <param name="Definition">Its message: formal attributes and their defaults.</param>
/// <param name="Body">Its nodes.</param>
/// <param name="Opsets">The operator sets that its nodes mean.</param>
internal sealed record Function(FunctionProto Definition, Body Body, Opsets Opsets)
{
    /// <summary>How messages call it.</summary>
    public string Name => $"{Definition.Domain}.{Definition.Name}";
}
