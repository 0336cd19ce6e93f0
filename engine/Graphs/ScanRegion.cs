using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// Adds a region that is run once for every step of a sequence: from the states and one element of each sequence its body gives the next
/// states and one element of each result. The graph holds the body once, whatever the number of steps.
/// </summary>
public static class ScanRegion
{
    /// <summary>The region's operator, which is found in the registry.</summary>
    internal const string OperatorName = "scan";

    // Names inside a body of what comes from outside; no node can have such a name.
    private const string Prefix = "scan/";

    /// <summary>Writes the body: the next states, of the types of the states, and the elements of the results.</summary>
    /// <param name="builder">Builds the body. Values of the enclosing graph may be used as they are; they are the same in every step.</param>
    /// <param name="states">The states before the step.</param>
    /// <param name="elements">One element of each sequence.</param>
    public delegate (IReadOnlyList<Value> States, IReadOnlyList<Value> Results) BodyWriter(GraphBuilder builder, IReadOnlyList<Value> states, IReadOnlyList<Value> elements);

    /// <summary>Adds a region.</summary>
    /// <param name="builder">The enclosing graph.</param>
    /// <param name="states">The states before the first step.</param>
    /// <param name="sequences">The sequences, along their first axis.</param>
    /// <param name="steps">The number of steps: the size of that axis.</param>
    /// <param name="reversed">Whether the last element is handled first; results stand at the places of the elements they come from.</param>
    /// <param name="write">Writes the body.</param>
    /// <param name="name">The region's name; made up when null.</param>
    /// <param name="location">Where it was written.</param>
    /// <returns>The states after the last step, then the results along a first axis of that many elements.</returns>
    /// <exception cref="VkNetException">VKN2740: a sequence is of another length; VKN2741: the body carries something from run to run; VKN2742: a state changes its type.</exception>
    public static IReadOnlyList<Value> Add(GraphBuilder builder, IReadOnlyList<Value> states, IReadOnlyList<Value> sequences, long steps, bool reversed, BodyWriter write, string? name = null, SourceLocation? location = null)
    {
        name ??= builder.Fresh(OperatorName);
        foreach (var sequence in sequences)
            if (sequence.Shape.Rank == 0 || sequence.Shape[0] != steps)
                throw new VkNetException("VKN2740", $"scan '{name}': the sequence '{sequence.Name}' is {sequence.Type}, but there are {steps} steps", "sequences run along their first axis, and all are of one length", location);
        var draft = new GraphBuilder(builder.Registry, name, builder.Bindings);
        var stateValues = states.Select((s, i) => draft.Input($"{Prefix}state{i}", s.Type)).ToList();
        var elements = sequences.Select((s, i) => draft.Input($"{Prefix}element{i}", s.Type with { Shape = s.Shape.Slice(1, s.Shape.Rank - 1) })).ToList();
        var (next, results) = write(draft, stateValues, elements);
        if (draft.CarriedValues.Count > 0)
            throw new VkNetException("VKN2741", $"scan '{name}': its body carries '{draft.CarriedValues[0].Name}' from one run to the next", "carry it in a state of the region, or outside", location);
        for (var i = 0; i < states.Count; i++)
            if (next[i].Type != states[i].Type)
                throw new VkNetException("VKN2742", $"scan '{name}': state {i} begins as {states[i].Type}, but a step gives {next[i].Type}", "a state keeps its type and shape from step to step", location);
        return Close(builder, draft, [.. states], [.. sequences], [.. stateValues.Concat(elements)], next, results, steps, reversed, name, location);
    }

    // The draft's nodes may use values of the enclosing graph. They become inputs of the final body, so that it stands alone.
    private static IReadOnlyList<Value> Close(GraphBuilder builder, GraphBuilder draft, List<Value> states, List<Value> sequences, List<Value> own, IReadOnlyList<Value> next, IReadOnlyList<Value> results, long steps, bool reversed, string name, SourceLocation? location)
    {
        var body = new GraphBuilder(builder.Registry, name);
        var map = new Dictionary<Value, Value>();
        List<Value> captures = [];
        for (var i = 0; i < own.Count; i++) map[own[i]] = body.Input(own[i].Name, own[i].Type);
        var hoisted = Hoist(builder, draft, own.Skip(states.Count).ToList(), sequences, name);
        foreach (var (value, _) in hoisted) map[value] = body.Input($"{Prefix}element{map.Count - states.Count}", value.Type);
        var external = draft.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Concat(next).Concat(results);
        var produced = draft.Nodes.SelectMany(n => n.Outputs).ToHashSet();
        var needed = draft.Nodes.Where(n => !n.Outputs.Any(map.ContainsKey)).SelectMany(n => n.Inputs).OfType<Value>().Concat(next).Concat(results).ToHashSet();
        foreach (var value in external.Distinct())
        {
            if (value.Constant is not null || produced.Contains(value) || map.ContainsKey(value) || !needed.Contains(value)) continue;
            // Parameters that come into being with the body's nodes belong to the enclosing graph.
            captures.Add(value.Kind == ValueKind.Parameter && draft.Find(value.Name) == value ? builder.Parameter(value.Name, value.Type, value.Parameter, location) : value);
            map[value] = body.Input($"{Prefix}capture{captures.Count - 1}", value.Type);
        }
        foreach (var node in draft.Nodes)
        {
            if (node.Outputs.Any(map.ContainsKey)) continue;
            var outputs = body.Add(node.Operator, node.Attributes, [.. node.Inputs.Select(i => i is null ? null : Of(i))], node.Name, node.Location);
            for (var i = 0; i < outputs.Count; i++) map[node.Outputs[i]] = outputs[i];
        }
        var index = 0;
        foreach (var value in next.Concat(results)) body.Output($"{Prefix}output{index++}", Of(value));
        sequences.AddRange(hoisted.Select(h => h.Sequence));
        var attributes = AttributeSet.Empty.With("body", body.Build()).With("states", (long)states.Count).With("sequences", (long)sequences.Count).With("steps", steps).With("reverse", reversed);
        return builder.Add(builder.Registry.Get(OperatorName), attributes, [.. states, .. sequences, .. captures], name, location);

        Value Of(Value value) => map.TryGetValue(value, out var found) ? found : map[value] = body.Constant(value.Constant!);
    }

    // A product of sequence elements with a matrix that is the same in every step is computed for all steps at once, outside. So its weights'
    // gradient is one product over all steps, too.
    private static List<(Value Element, Value Sequence)> Hoist(GraphBuilder builder, GraphBuilder draft, List<Value> elements, List<Value> sequences, string name)
    {
        var inside = draft.Nodes.SelectMany(n => n.Outputs).Concat(draft.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Where(v => v.Kind == ValueKind.Input && draft.Find(v.Name) == v)).ToHashSet();
        List<(Value, Value)> hoisted = [];
        foreach (var node in draft.Nodes)
        {
            if (node.Operator.Name != "dense" || node.Inputs[0] is not { } input || elements.IndexOf(input) is not (>= 0 and var index)) continue;
            var weights = node.Inputs.Skip(1).ToList();
            // Weights that come into being with the body stay with it unless they are taken along.
            if (weights.Any(w => w is not null && (inside.Contains(w) || w.Kind == ValueKind.Parameter && draft.Find(w.Name) == w && UsedElsewhere(draft, node, w)))) continue;
            var outer = weights.Select(w => w is { Kind: ValueKind.Parameter } && draft.Find(w.Name) == w ? builder.Parameter(w.Name, w.Type, w.Parameter, node.Location) : w);
            hoisted.Add((node.Outputs[0], builder.Add(node.Operator, node.Attributes, [sequences[index], .. outer], builder.Fresh(name + ".product"), node.Location)[0]));
        }
        return hoisted;
    }

    private static bool UsedElsewhere(GraphBuilder draft, Node node, Value value) => draft.Nodes.Any(n => n != node && n.Inputs.Contains(value));
}
