using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>Constant: a tensor written into the model as an attribute.</summary>
internal static class ConstantRule
{
    /// <summary>One rule for all opsets: later ones only added ways to write the value.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } = [ImportRule.Single("Constant", 1, Translate)];

    private static Value Translate(ImportNode node) => node.Builder.Constant(ValueOf(node), node.Builder.Fresh(node.Name), node.Location);

    private static Tensor ValueOf(ImportNode node)
    {
        if ((node.TensorAttribute("value") ?? node.TensorAttribute("sparse_value")) is { } tensor) return tensor;
        if (node.Has("value_float")) return Tensor.Scalar((float)node.Real("value_float", 0));
        if (node.Reals("value_floats") is { } reals) return Tensor.From(new TensorType(DataType.Float32, [reals.Length]), Array.ConvertAll(reals, v => (float)v));
        if (node.Has("value_int")) return Tensor.Scalar(node.Integer("value_int", 0));
        if (node.Integers("value_ints") is { } integers) return Tensor.From(new TensorType(DataType.Int64, [integers.Length]), integers);
        if (node.Has("value_string") || node.Has("value_strings")) node.Fail("VKN3010", "its value is text, which tensors here cannot hold");
        throw node.Fault("VKN3105", "it has no value");
    }
}
