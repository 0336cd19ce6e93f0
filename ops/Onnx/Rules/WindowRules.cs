using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>
/// Window functions of signal processing, which depend on their length alone and so are constants. With N the length (periodic) or the
/// length less one, at n: a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N).
/// </summary>
internal static class WindowRules
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } =
    [
        ImportRule.Single("HannWindow", 17, node => Window(node, 0.5, 0.5, 0)),
        // ONNX takes Hamming's own fraction 25/46, not the rounded 0.54.
        ImportRule.Single("HammingWindow", 17, node => Window(node, 25.0 / 46, 21.0 / 46, 0)),
        ImportRule.Single("BlackmanWindow", 17, node => Window(node, 0.42, 0.5, 0.08)),
    ];

    private static Value Window(ImportNode node, double a0, double a1, double a2)
    {
        if (node.ConstantIntegers(0, "the length") is not [>= 0 and var length]) throw node.Fault("VKN3116", "its length must be one number, not negative");
        if (length > Math.Min(Limits.MaximumTensorBytes, int.MaxValue) / sizeof(double)) node.Fail("VKN3011", $"its length {length} is larger than any tensor may be", "a program can raise the cap in VkNet.Limits");
        var period = node.Integer("periodic", 1) != 0 ? length : length - 1;
        var values = new double[length];
        for (var n = 0; n < values.Length; n++)
        {
            var angle = period == 0 ? 0 : 2 * Math.PI * n / period;
            values[n] = a0 - (a1 * Math.Cos(angle)) + (a2 * Math.Cos(2 * angle));
        }
        var tensor = Tensor.Zeros(node.ElementType("output_datatype", DataType.Float32), [length]);
        ElementConversion.StoreReals(tensor, values);
        return node.Builder.Constant(tensor, node.Builder.Fresh(node.Name), node.Location);
    }
}
