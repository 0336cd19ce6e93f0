using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>
/// If: the branch that the condition chooses takes the node's place. When the condition depends on data, both branches are computed
/// and each output is selected, which needs outputs of equal type and shape.
/// </summary>
internal static class IfRule
{
    /// <summary>One rule for all opsets: later ones only allowed more types.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } = [new("If", 1, Translate)];

    private static IReadOnlyList<Value> Translate(ImportNode node)
    {
        var condition = node.Input(0);
        if (condition.DataType != DataType.Bool || condition.Shape.ElementCount != 1)
            node.Fail("VKN3106", $"the condition must be one truth value, but is {condition.Type}");
        Tensor known;
        try
        {
            known = node.Constant(0, "the condition");
        }
        catch (VkNetException e) when (e.Diagnostic.Code == "VKN2012")
        {
            return Select(node, condition);
        }
        return Branch(node, known.Values<bool>()[0] ? "then_branch" : "else_branch");
    }

    private static IReadOnlyList<Value> Branch(ImportNode node, string name)
    {
        var body = node.Body(name) ?? throw node.Fault("VKN3107", $"it has no {name}");
        var results = node.InlineBody!(body, []);
        if (results.Count < node.OutputNames.Count)
            node.Fail("VKN3108", $"its {name} has {results.Count} outputs, but {node.OutputNames.Count} are taken");
        return results;
    }

    private static IReadOnlyList<Value> Select(ImportNode node, Value condition)
    {
        var (then, otherwise) = (Branch(node, "then_branch"), Branch(node, "else_branch"));
        if (then.Count != otherwise.Count) node.Fail("VKN3108", $"its branches have {then.Count} and {otherwise.Count} outputs");
        var selected = new Value[then.Count];
        for (var i = 0; i < selected.Length; i++)
        {
            if (then[i].Type != otherwise[i].Type)
                node.Fail("VKN3109", $"the condition depends on data, and output {i} is {then[i].Type} in one branch and {otherwise[i].Type} in the other",
                    "a static graph computes both branches and selects, which needs equal shapes; a constant condition, or one computed from shapes or small inputs, would choose one branch");
            selected[i] = node.Emit("where", condition, then[i], otherwise[i]);
        }
        return selected;
    }
}
