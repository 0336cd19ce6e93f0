using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;

namespace VkNet.Operators.Selection;

/// <summary>Indices of imported models: some operators allow reals for them.</summary>
internal static class WholeNumbers
{
    /// <summary>An input as whole numbers.</summary>
    internal static Value Of(ImportNode node, int input)
    {
        var value = node.Input(input);
        return value.DataType.IsInteger() ? value : node.Emit("cast", AttributeSet.Empty.With(Cast.To, "i64"), value);
    }
}
