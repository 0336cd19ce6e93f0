using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;

namespace VkNet.Operators.Quantized;

/// <summary>What the quantised pages share in reading ONNX.</summary>
internal static class QuantizedImport
{
    /// <summary>The value as reals: ONNX lets whole numbers be quantised too.</summary>
    internal static Value Reals(ImportNode node, Value value) => value.DataType.IsFloat() ? value : node.Emit("cast", AttributeSet.Empty.With(Cast.To, "f32"), value);

    /// <summary>An input, or null where it is absent.</summary>
    internal static Value? Optional(ImportNode node, int index) => node.HasInput(index) ? node.Input(index) : null;
}
