using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>Reads a node's attributes against the operator's declarations.</summary>
internal static class AttributeReader
{
    internal static AttributeSet Read(YamlReading reading, YamlMappingNode node, Operator @operator, string nodeName)
    {
        var attributes = AttributeSet.Empty;
        foreach (var definition in @operator.Attributes)
        {
            var value = YamlReading.Find(node, definition.Name);
            if (value is not null && IsOperand(reading, value, @operator, definition.Name))
            {
                // The options of a parameter say that it is there.
                if (reading.Resolve(value) is YamlMappingNode) attributes = attributes.With(definition.Name, true);
            }
            else if (value is not null)
                attributes = attributes.With(definition.Name, ReadValue(reading, value, definition));
            else if (definition.Required)
                throw reading.Fault(node, "VKN1005", $"{@operator.Name} '{nodeName}' lacks '{definition.Name}'", definition.Summary);
        }
        return attributes;
    }

    /// <summary>Whether what stands under the name of both a flag and an input (a bias) is the input or its options, not the flag.</summary>
    internal static bool IsOperand(YamlReading reading, YamlNode value, Operator @operator, string name) =>
        @operator.Inputs.Any(i => i.Name == name) && @operator.Attributes.All(a => a.Name != name || a.Kind == AttributeKind.Flag) && reading.TryFlag(value) is null;

    private static object ReadValue(YamlReading reading, YamlNode node, AttributeDefinition definition)
    {
        var name = definition.Name;
        switch (definition.Kind)
        {
            case AttributeKind.Integer:
                return Checked(reading, node, definition, reading.Integer(node, name));
            case AttributeKind.Integers:
                if (reading.Resolve(node) is not YamlSequenceNode list)
                    return definition.ScalarAllowed ? new[] { Checked(reading, node, definition, reading.Integer(node, name)) }
                        : throw reading.Fault(node, "VKN1006", $"'{name}' must be a list of whole numbers ([1, 2])", definition.Summary);
                return list.Select(item => Checked(reading, item, definition, reading.Integer(item, name))).ToArray();
            case AttributeKind.Real:
                return reading.Real(node, name);
            case AttributeKind.Reals:
                return reading.Resolve(node) is YamlSequenceNode reals ? reals.Select(item => reading.Real(item, name)).ToArray() : new[] { reading.Real(node, name) };
            case AttributeKind.Flag:
                return reading.Flag(node, name);
            case AttributeKind.Text:
                return Choice(reading, node, definition, reading.Text(node, name));
            case AttributeKind.Texts:
                return reading.Resolve(node) is YamlSequenceNode texts ? texts.Select(item => Choice(reading, item, definition, reading.Text(item, name))).ToArray() : new[] { Choice(reading, node, definition, reading.Text(node, name)) };
            default:
                throw reading.Fault(node, "VKN1006", $"'{name}' cannot be written in a graph file");
        }
    }

    private static long Checked(YamlReading reading, YamlNode node, AttributeDefinition definition, long value) =>
        definition.Minimum is { } least && value < least
            ? throw reading.Fault(node, "VKN1203", $"'{definition.Name}' must be at least {least}, not {value}", definition.Summary)
            : value;

    private static string Choice(YamlReading reading, YamlNode node, AttributeDefinition definition, string value) =>
        definition.Choices.Count == 0 || definition.Choices.Contains(value) ? value
            : throw reading.Fault(node, "VKN1006", $"'{definition.Name}' cannot be '{value}'", $"one of: {string.Join(", ", definition.Choices)}");
}
