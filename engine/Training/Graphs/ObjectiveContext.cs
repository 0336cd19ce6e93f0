using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>What a loss or a metric is built from: the values of the model by name, and a builder.</summary>
public sealed class ObjectiveContext
{
    private readonly Dictionary<string, IReadOnlyList<Value>> _values = new(StringComparer.Ordinal);

    internal ObjectiveContext(Graph model, ModelCopy copy, IEnumerable<Value> extraInputs)
    {
        Builder = copy.Builder;
        Symbols = model.Symbols;
        foreach (var value in model.Inputs.Concat(model.Parameters).Concat(model.RunValues)) _values[value.Name] = [copy.Of(value)];
        foreach (var state in model.States) _values[state.Input.Name] = [copy.Of(state.Input)];
        foreach (var node in model.Nodes) _values[node.Name] = [.. node.Outputs.Select(copy.Of)];
        foreach (var node in model.Nodes)
            foreach (var output in node.Outputs) _values.TryAdd(output.Name, [copy.Of(output)]);
        foreach (var (name, value) in model.Outputs) _values.TryAdd(name, [copy.Of(value)]);
        foreach (var value in extraInputs) _values[value.Name] = [value];
    }

    /// <summary>Builds the training graph.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>The values by the name of their node, input or parameter, or of the model's output.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<Value>> Values => _values;

    /// <summary>Sizes of the model's symbols, which attributes of a recipe's nodes may name.</summary>
    internal IReadOnlyDictionary<string, long> Symbols { get; }

    /// <summary>What recipes keep here while the graph is built: the names of their own nodes.</summary>
    internal Formats.GraphScope? Scope { get; set; }

    /// <summary>The value of a name: a node's first output, an input, a parameter or an output of the model.</summary>
    /// <exception cref="VkNetException">VKN1103: there is none; the nearest name is offered.</exception>
    public Value this[string name] => _values.TryGetValue(name, out var values)
        ? values[0]
        : throw new VkNetException("VKN1103", $"nothing is named '{name}'", Suggestion.For(name, _values.Keys));
}
