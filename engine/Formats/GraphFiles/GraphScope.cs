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

    /// <summary>The value that a name stands for: <c>name</c>, or <c>name:output</c>.</summary>
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
        if (output is null) return values[0];
        if ((BlockOutputs.GetValueOrDefault(name) ?? Outer?.BlockOutputs.GetValueOrDefault(name)) is { } outputs)
        {
            var index = outputs.ToList().IndexOf(output);
            return index >= 0 ? values[index] : throw Reading.Fault(node, "VKN1103", $"'{name}' has no output '{output}'", $"its outputs: {string.Join(", ", outputs)}");
        }
        var found = values.FirstOrDefault(v => v.Name.EndsWith(":" + output, StringComparison.Ordinal));
        if (found is null && values[0].Producer is { } producer)
            found = producer.Operator.OutputNames.Count > 0 && producer.Operator.OutputNames[0] == output ? values[0] : null;
        return found ?? throw Reading.Fault(node, "VKN1103", $"'{name}' has no output '{output}'", values[0].Producer is { } p ? $"its outputs: {string.Join(", ", p.Operator.OutputNames.Take(values.Count))}" : null);
    }
}
