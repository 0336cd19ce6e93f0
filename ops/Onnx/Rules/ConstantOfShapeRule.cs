using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>ConstantOfShape: a tensor of equal elements, whose shape must be known when the graph is built.</summary>
internal static class ConstantOfShapeRule
{
    /// <summary>One rule for all opsets: later ones only allowed more types.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } = [ImportRule.Single("ConstantOfShape", 9, Translate)];

    private static Value Translate(ImportNode node)
    {
        var element = node.TensorAttribute("value") ?? Tensor.Scalar(0f);
        if (element.Count != 1) node.Fail("VKN3104", $"its value must be one element, but has shape {element.Shape}");
        var sizes = node.ConstantIntegers(0, "the shape")!;
        if (sizes.Any(s => s < 0)) node.Fail("VKN3104", $"the shape [{string.Join(", ", sizes)}] has a negative size");
        var type = new TensorType(element.DataType, new Shape(sizes));
        if (type.Shape.ElementCount > Math.Min(Limits.MaximumTensorBytes, int.MaxValue) / element.DataType.HostSize())
            node.Fail("VKN3011", $"its result {type} is larger than any tensor may be", "a program can raise the cap in VkNet.Limits");
        var result = Tensor.Zeros(type);
        Fill(result.Bytes(), element.Bytes());
        return node.Builder.Constant(result, node.Builder.Fresh(node.Name), node.Location);
    }

    // Doubles what is filled until all is.
    private static void Fill(Span<byte> target, ReadOnlySpan<byte> element)
    {
        if (target.IsEmpty) return;
        element.CopyTo(target);
        for (var filled = element.Length; filled < target.Length; filled *= 2)
            target[..Math.Min(filled, target.Length - filled)].CopyTo(target[filled..]);
    }
}
