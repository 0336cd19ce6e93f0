using System.Globalization;
using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>The names that nodes of a graph file or of one instance of a block can see.</summary>
/// <param name="Prefix">Put in front of the names of an instance's nodes; empty at the top.</param>
/// <param name="Reading">Reads with the instance's arguments.</param>
/// <param name="Outer">The top scope, whose constants and parameters are seen everywhere; null for the top itself.</param>
internal sealed record GraphScope(string Prefix, YamlReading Reading, GraphScope? Outer)
{
    /// <summary>Values assigned so far.</summary>
    internal Dictionary<string, IReadOnlyList<Value>> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>What the outputs of an instance of a block are called, by the instance's name.</summary>
    internal Dictionary<string, IReadOnlyList<string>> BlockOutputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that are assigned somewhere in this scope, to tell a forward reference from an unknown name.</summary>
    internal HashSet<string> Later { get; } = new(StringComparer.Ordinal);

    /// <summary>The value that a name stands for: <c>name</c>, <c>name:output</c> or, by its number from 0, <c>name:1</c>.</summary>
    internal Value Reference(YamlNode node)
    {
        var text = Reading.Text(node, "a reference");
        var (name, output) = text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 ? (text[..colon], text[(colon + 1)..]) : (text, null);
        if ((Values.GetValueOrDefault(name) ?? Outer?.Values.GetValueOrDefault(name)) is not { } values)
        {
            if (Later.Contains(name))
                throw Reading.Fault(node, "VKN1104", $"'{name}' is used before it is assigned", "a node may only use nodes above it; a cycle needs 'states' or 'scan'");
            throw Reading.Fault(node, "VKN1103", $"nothing is named '{name}'", Suggestion.For(name, Values.Keys.Concat(Outer?.Values.Keys ?? Enumerable.Empty<string>())));
        }
        if (values.Count == 0) throw Reading.Fault(node, "VKN1103", $"'{name}' has no outputs", "name them under 'outputs' of its block");
        if (output is null) return values[0];
        // The last value comes from the node itself; the first may have passed its activation.
        var outputs = BlockOutputs.GetValueOrDefault(name) ?? Outer?.BlockOutputs.GetValueOrDefault(name)
            ?? (values[^1].Producer is { } producer ? [.. values.Select((_, i) => producer.Operator.OutputName(i))] : []);
        var index = outputs.ToList().IndexOf(output);
        if (index < 0 && int.TryParse(output, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < outputs.Count) index = number;
        return index >= 0 ? values[index] : throw Reading.Fault(node, "VKN1103", $"'{name}' has no output '{output}'", outputs.Count > 0 ? $"its outputs: {string.Join(", ", outputs)}" : null);
    }
}
