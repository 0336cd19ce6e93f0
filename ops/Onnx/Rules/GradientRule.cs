using VkNet.Graphs;
using VkNet.Onnx.Wire;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>
/// Gradient (ai.onnx.preview.training): the derivatives of the value named <c>y</c> with respect to those named <c>xs</c>, by the
/// operators' own gradient rules. The specification lets a node evaluate them at other points than the values so named; that is refused.
/// </summary>
internal static class GradientRule
{
    private const string Domain = "ai.onnx.preview.training";

    /// <summary>The rule.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } = [new("Gradient", 1, Translate) { Domain = Domain }];

    /// <summary>Whether a node is one: it needs the value it names, too.</summary>
    public static bool Is(NodeProto node) => node is { Domain: Domain, OpType: "Gradient" };

    private static IReadOnlyList<Value> Translate(ImportNode node)
    {
        var names = node.Texts("xs") ?? [];
        var y = Find(node, node.Text("y", ""));
        var targets = new List<Value>();
        for (var i = 0; i < names.Length; i++)
        {
            var target = Find(node, names[i]);
            if (!node.HasInput(i) || node.Input(i) != target)
                node.Fail("VKN3112", $"input {i} is not the value '{names[i]}' with respect to which it differentiates", "only derivatives at the point where the model is evaluated are supported");
            // What is known beforehand was computed beforehand, so that nothing is left to differentiate.
            if (target.Kind == ValueKind.Constant)
                node.Fail("VKN3112", $"'{names[i]}' is a constant", "make it an input of the model, so that there is something to differentiate");
            targets.Add(target);
        }
        var ones = Tensor.Zeros(y.Type);
        ElementConversion.StoreReals(ones, Enumerable.Repeat(1.0, ones.Count).ToArray());
        return Gradients.Of(node.Builder, [new(y, node.Builder.Constant(ones))], targets);
    }

    private static Value Find(ImportNode node, string name) => node.FindValue!(name) ?? throw node.Fault("VKN3112", $"it names the value '{name}', which nothing assigns");
}
