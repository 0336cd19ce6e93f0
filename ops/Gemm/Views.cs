using VkNet.Graphs;
using VkNet.Operators.Layout;
using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <summary>Views that gradient rules need.</summary>
internal static class Views
{
    /// <summary>The same elements under another shape; the value itself where the shape is the same.</summary>
    public static Value To(GraphBuilder builder, Value value, Shape shape) => value.Shape == shape
        ? value
        : builder.Apply("reshape", AttributeSet.Empty.With(Reshape.Shape, shape.ToArray()).With(Reshape.AllowZero, true), value);
}
