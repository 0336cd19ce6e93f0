using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>
/// Loop: its body is written once for every turn, where the turn's number is known and what follows from it folds; a long loop becomes a
/// scan region, where its body allows it. A condition that depends on data lets all turns be computed, and each carried value is
/// selected as long as the condition held.
/// </summary>
internal static class LoopRule
{
    // A body is written out for so many turns at most before a region is tried.
    private const long FewTurns = 8;

    /// <summary>One rule for all opsets: later ones only allowed more types.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } = [new("Loop", 1, Translate)];

    private static IReadOnlyList<Value> Translate(ImportNode node)
    {
        var body = node.Body("body") ?? throw node.Fault("VKN3431", "it has no body");
        var turns = node.HasInput(0) ? node.ConstantIntegers(0, "the trip count")![0] : long.MaxValue;
        var condition = node.HasInput(1) ? ConditionOf(node) : null;
        Value[] carried = [.. node.Inputs.Skip(2).Select((v, i) => v ?? throw node.Fault("VKN3431", $"its carried value {i} is missing"))];
        if (condition is not null && (condition.DataType != DataType.Bool || condition.Shape.ElementCount != 1)) node.Fail("VKN3431", $"the condition must be one truth value, but is {condition.Type}");
        if (turns > FewTurns && turns <= Limits.MaximumGraphNodes && TryRegion(node, body, turns, condition, carried) is { } results) return results;
        return WriteOut(node, body, turns, condition, carried);
    }

    // A condition that is computed from small inputs asks for their values; one that depends on data stays as it is.
    private static Value ConditionOf(ImportNode node)
    {
        try
        {
            return node.Builder.Constant(node.Constant(1, "the condition"));
        }
        catch (VkNetException e) when (e.Diagnostic.Code == "VKN2012")
        {
            return node.Input(1);
        }
    }

    private static bool? Known(Value? condition) => condition is null ? true : condition.Constant is { } tensor ? ElementConversion.LoadIntegers(tensor)[0] != 0 : null;

    // Null where the body needs to know the turn, changes its values' types, or may end early.
    private static IReadOnlyList<Value>? TryRegion(ImportNode node, object body, long turns, Value? condition, Value[] carried)
    {
        if (Known(condition) != true) return null;
        var numbers = Tensor.From([.. Enumerable.Range(0, (int)turns).Select(i => (long)i)], turns);
        try
        {
            return ScanRegion.Add(node.Builder, carried, [node.Builder.Constant(numbers)], turns, false, (inner, states, elements) =>
            {
                var outputs = node.WriteBody!(body, inner, [elements[0], Truth(inner), .. states]);
                Check(node, outputs, carried);
                if (Known(outputs[0]) != true) node.Fail("VKN3432", "its condition depends on data");
                return ([.. outputs.Skip(1).Take(carried.Length)], [.. outputs.Skip(1 + carried.Length)]);
            }, node.Builder.Fresh(node.Name), node.Location);
        }
        catch (VkNetException)
        {
            return null;
        }
    }

    private static IReadOnlyList<Value> WriteOut(ImportNode node, object body, long turns, Value? condition, Value[] carried)
    {
        List<Value>[]? collected = null;
        for (var turn = 0L; turn < turns && Known(condition) != false; turn++)
        {
            if (turns > Limits.MaximumGraphNodes && Known(condition) is null)
                node.Fail("VKN3430", "its condition depends on data, and it has no trip count", "a trip count that is constant, or given with the inputs when compiling, bounds it");
            var outputs = node.InlineBody!(body, [node.Builder.Constant(Tensor.Scalar(turn)), Truth(node.Builder), .. carried]);
            Check(node, outputs, carried);
            var results = outputs.Skip(1 + carried.Length).ToArray();
            if (Known(condition) is null)
            {
                if (results.Length > 0) node.Fail("VKN3432", "its condition depends on data, and it collects a result of every turn, whose number would not be known", "a condition that is constant, or computed from shapes or small inputs, makes it static");
                for (var i = 0; i < carried.Length; i++)
                {
                    if (outputs[1 + i].Type != carried[i].Type)
                        node.Fail("VKN3432", $"its condition depends on data, and carried value {i} changes from {carried[i].Type} to {outputs[1 + i].Type}", "a static graph computes every turn and selects, which needs equal types; a condition that is constant, or computed from shapes or small inputs, makes it static");
                    carried[i] = node.Emit("where", condition, outputs[1 + i], carried[i]);
                }
                condition = node.Emit("and", condition, outputs[0]);
                continue;
            }
            carried = [.. outputs.Skip(1).Take(carried.Length)];
            collected ??= [.. results.Select(_ => new List<Value>())];
            for (var i = 0; i < results.Length; i++) collected[i].Add(results[i]);
            // The condition for the next turn; a trip count alone does not look at what the body gives.
            condition = node.HasInput(1) || Known(outputs[0]) is not null ? outputs[0] : condition;
        }
        if (collected is not null) return [.. carried, .. collected.Select(c => Turns.Stack(node, c))];
        // Without a turn, only the types of the results are needed.
        var draft = new GraphBuilder(node.Builder.Registry, node.Name, node.Builder.Bindings);
        var untaken = node.WriteBody!(body, draft, [draft.Input("turn", new TensorType(DataType.Int64, Shape.Scalar)), Truth(draft), .. carried]);
        Check(node, untaken, carried);
        return [.. carried, .. untaken.Skip(1 + carried.Length).Select(v => Turns.Empty(node, v.Type))];
    }

    private static void Check(ImportNode node, IReadOnlyList<Value> outputs, Value[] carried)
    {
        if (outputs.Count < 1 + carried.Length) node.Fail("VKN3431", $"its body has {outputs.Count} outputs, but {1 + carried.Length} are needed: the condition and {carried.Length} carried values");
    }

    private static Value Truth(GraphBuilder builder)
    {
        var tensor = Tensor.Zeros(DataType.Bool, Shape.Scalar);
        ElementConversion.StoreIntegers(tensor, [1]);
        return builder.Constant(tensor);
    }
}
