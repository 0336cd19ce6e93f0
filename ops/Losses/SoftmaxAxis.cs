using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Operators.Losses;

/// <summary>The axis that softmax and its relatives work along, and how ONNX names it.</summary>
internal static class SoftmaxAxis
{
    /// <summary>The axis of the classes.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis of the classes, a negative one counted from the end.", -1);

    /// <summary>The shape rule: the input's type.</summary>
    public static TensorType Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        if (type.Shape.Rank == 0) context.Fail("VKN2250", "a scalar has no axis of classes");
        context.Axis(context.Get(Axis), type.Shape.Rank);
        return type;
    }

    /// <summary>
    /// Import rules. Before opset 13 the input was seen as a matrix, the axes from <c>axis</c> (1 by default) on being its columns; since
    /// then <c>axis</c> (-1 by default) is the only one.
    /// </summary>
    public static IReadOnlyList<ImportRule> Rules(string onnxName, string name) =>
    [
        ImportRule.Single(onnxName, 1, node => Flattened(node, name)) with { UntilVersion = 12 },
        ImportRule.Single(onnxName, 13, node => node.Emit(name, AttributeSet.Empty.With(Axis, node.Integer("axis", -1)), node.Input(0))),
    ];

    private static Value Flattened(ImportNode node, string name)
    {
        var input = node.Input(0);
        var (shape, axis) = (input.Shape, node.Integer("axis", 1));
        if (axis < -shape.Rank || axis > shape.Rank) node.Fail("VKN3260", $"axis {axis} is outside {input.Type}");
        var first = (int)(axis < 0 ? axis + shape.Rank : axis);
        if (first == shape.Rank - 1) return node.Emit(name, AttributeSet.Empty.With(Axis, -1), input);
        var matrix = node.Emit("reshape", Reshape(shape.Product(0, first), shape.Product(first, shape.Rank)), input);
        return node.Emit("reshape", Reshape(shape.ToArray()), node.Emit(name, AttributeSet.Empty.With(Axis, -1), matrix));

        static AttributeSet Reshape(params long[] sizes) => AttributeSet.Empty.With(Layout.Reshape.Shape, sizes).With(Layout.Reshape.AllowZero, true);
    }
}
