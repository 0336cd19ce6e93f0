using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>Shape and Size: shapes are known when a graph is built, so both are constants. Sizes that depend on data must be bound.</summary>
internal static class ShapeRules
{
    /// <summary>One rule each; opset 15 added the range of axes to Shape.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } = [ImportRule.Single("Shape", 1, Shape), ImportRule.Single("Size", 1, Size)];

    private static Value Shape(ImportNode node)
    {
        var sizes = node.KnownShape(0).ToArray();
        var (start, end) = (Axis(node.Integer("start", 0)), Axis(node.Integer("end", sizes.Length)));
        long[] range = start < end ? sizes[start..end] : [];
        return node.Builder.Constant(Tensor.From(new TensorType(DataType.Int64, [range.Length]), range), node.Builder.Fresh(node.Name), node.Location);

        // Axes may count from the end, and are cut to the range there is.
        int Axis(long axis) => (int)Math.Clamp(axis < 0 ? axis + sizes.Length : axis, 0, sizes.Length);
    }

    private static Value Size(ImportNode node) =>
        node.Builder.Constant(Tensor.Scalar(node.KnownShape(0).ElementCount), node.Builder.Fresh(node.Name), node.Location);
}
