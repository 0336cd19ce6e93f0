using VkNet.Graphs;
using VkNet.Operators.Import;

namespace VkNet.Onnx.Rules;

/// <summary>
/// Scan: a scan region. Where its body must know its values (a shape computed from an element), it is written out for every step.
/// </summary>
internal static class ScanRule
{
    /// <summary>Opset 8 scanned each sequence of a batch by itself; later ones leave batches to the body.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } = [new("Scan", 8, TranslateBatch) { UntilVersion = 8 }, new("Scan", 9, Translate)];

    private static IReadOnlyList<Value> Translate(ImportNode node)
    {
        var count = (int)node.Integer("num_scan_inputs", 0);
        var (states, sequences) = Split(node, [.. node.Inputs], count);
        var (inputAxes, inputDirections) = (node.Integers("scan_input_axes"), node.Integers("scan_input_directions"));
        var turned = sequences.Select((s, i) => Directed(node, Turns.Turn(node, s, inputAxes?.ElementAtOrDefault(i) ?? 0, back: false, "VKN3433"), inputDirections, i)).ToArray();
        var results = Run(node, states, turned);
        var (outputAxes, outputDirections) = (node.Integers("scan_output_axes"), node.Integers("scan_output_directions"));
        return [.. results.Take(states.Length), .. results.Skip(states.Length).Select((r, i) => Turns.Turn(node, Directed(node, r, outputDirections, i), outputAxes?.ElementAtOrDefault(i) ?? 0, back: true, "VKN3433"))];
    }

    // Inputs: the lengths of the sequences (optional), states [N, ...], sequences [N, T, ...]; the body sees neither axis.
    private static IReadOnlyList<Value> TranslateBatch(ImportNode node)
    {
        var count = (int)node.Integer("num_scan_inputs", 0);
        var (states, sequences) = Split(node, [.. node.Inputs.Skip(1)], count);
        var directions = node.Integers("directions");
        var batch = sequences[0].Shape.Rank < 2 ? throw node.Fault("VKN3433", $"its sequence is {sequences[0].Type}", "in opset 8 a batch and a sequence axis come first") : sequences[0].Shape[0];
        var lengths = node.ConstantIntegers(0, "the lengths of the sequences");
        List<IReadOnlyList<Value>> results = [];
        for (var n = 0L; n < batch; n++)
        {
            var own = sequences.Select((s, i) =>
            {
                var sequence = Turns.Element(node, s, n);
                if (lengths is not null && lengths[n] < sequence.Shape[0])
                    sequence = node.Emit("slice", AttributeSet.Empty.With(Operators.Layout.Slice.Starts, [0]).With(Operators.Layout.Slice.Ends, [lengths[n]]).With(Operators.Layout.Slice.Axes, [0]), sequence);
                return Directed(node, sequence, directions, i);
            }).ToArray();
            var found = Run(node, [.. states.Select(s => Turns.Element(node, s, n))], own);
            // Shorter sequences leave zeros behind their ends.
            results.Add([.. found.Select((v, i) => i < states.Length || v.Shape[0] == sequences[0].Shape[1] ? v
                : node.Emit("pad", AttributeSet.Empty.With(Operators.Layout.Pad.Pads, [.. new long[v.Shape.Rank], sequences[0].Shape[1] - v.Shape[0], .. new long[v.Shape.Rank - 1]]), v))]);
        }
        return [.. Enumerable.Range(0, results[0].Count).Select(i => Turns.Stack(node, [.. results.Select(r => r[i])]))];
    }

    private static (Value[] States, Value[] Sequences) Split(ImportNode node, Value?[] inputs, int sequences)
    {
        if (sequences < 1 || sequences > inputs.Length || inputs.Contains(null)) node.Fail("VKN3433", $"it has {inputs.Length} inputs, of which {sequences} are sequences");
        return ([.. inputs.SkipLast(sequences).Select(v => v!)], [.. inputs.TakeLast(sequences).Select(v => v!)]);
    }

    private static Value Directed(ImportNode node, Value sequence, long[]? directions, int index) => directions is not null && index < directions.Length && directions[index] != 0 ? Turns.Flip(node, sequence) : sequence;

    // States after the last step, then the results along the first axis.
    private static IReadOnlyList<Value> Run(ImportNode node, Value[] states, Value[] sequences)
    {
        var body = node.Body("body") ?? throw node.Fault("VKN3433", "it has no body");
        if (sequences.FirstOrDefault(s => s.Shape.Rank == 0 || s.Shape[0] != sequences[0].Shape[0]) is { } other) node.Fail("VKN3433", $"its sequences {sequences[0].Type} and {other.Type} are of different lengths");
        var steps = sequences[0].Shape[0];
        try
        {
            return ScanRegion.Add(node.Builder, states, sequences, steps, false, (inner, before, elements) =>
            {
                var outputs = node.WriteBody!(body, inner, [.. before, .. elements]);
                return ([.. outputs.Take(states.Length)], [.. outputs.Skip(states.Length)]);
            }, node.Builder.Fresh(node.Name), node.Location);
        }
        catch (VkNetException) when (steps > 0)
        {
            List<IReadOnlyList<Value>> results = [];
            for (var s = 0L; s < steps; s++)
            {
                var outputs = node.InlineBody!(body, [.. states, .. sequences.Select(q => Turns.Element(node, q, s))]);
                states = [.. outputs.Take(states.Length)];
                results.Add([.. outputs.Skip(states.Length)]);
            }
            return [.. states, .. Enumerable.Range(0, results[0].Count).Select(i => Turns.Stack(node, [.. results.Select(r => r[i])]))];
        }
    }
}
