using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>Checks of a graph file that need no sizes: structure, operator names, keys, and that something is computed.</summary>
internal static class GraphFileCheck
{
    private static readonly string[] NodeKeys = ["op", "input", "inputs", "activation", "description"];
    private static readonly string[] InstanceKeys = ["op", "input", "inputs", "repeat", "scan", "description"];

    internal static void Check(YamlText text, YamlReading reading, OperatorRegistry registry)
    {
        var blocks = reading.Entries(YamlReading.Find(text.Root, "blocks"), "blocks").ToDictionary(b => b.Name, b => b.Value);
        foreach (var (name, block) in blocks)
        {
            var mapping = reading.Mapping(block, $"block '{name}'");
            reading.CheckKeys(mapping, $"block '{name}'", ["description", "inputs", "arguments", "nodes", "outputs"]);
            CheckNodes(reading, reading.Require(mapping, "nodes", $"block '{name}'"), registry, blocks);
            reading.Require(mapping, "outputs", $"block '{name}'");
        }
        if (YamlReading.Find(text.Root, "nodes") is { } nodes) CheckNodes(reading, nodes, registry, blocks);
        reading.Require(text.Root, "outputs", "the graph file");
    }

    internal static void CheckNodes(YamlReading reading, YamlNode nodes, OperatorRegistry registry, Dictionary<string, YamlNode> blocks)
    {
        foreach (var (name, _, value) in reading.Entries(nodes, "nodes"))
        {
            var mapping = reading.Mapping(value, $"node '{name}'");
            var op = reading.Require(mapping, "op", $"node '{name}'");
            var operatorName = op is YamlScalarNode { Value: { } word } ? word : throw reading.Fault(op, "VKN1002", "op must be a word");
            if (blocks.TryGetValue(operatorName, out var block))
            {
                var declared = YamlReading.Find((YamlMappingNode)block, "arguments") is YamlMappingNode arguments ? arguments.Children.Keys.Select(YamlReading.Show) : [];
                reading.CheckKeys(mapping, $"node '{name}'", [.. InstanceKeys, .. declared]);
                continue;
            }
            // Operators of the compiler's own trust the sizes they are given.
            if (!registry.TryGet(operatorName, out var found) || !found.IsPublic)
                throw reading.Fault(op, "VKN1101", $"unknown operator '{operatorName}'", Suggestion.For(operatorName, registry.Operators.Where(o => o.IsPublic).Select(o => o.Name).Concat(blocks.Keys)));
            reading.CheckKeys(mapping, $"node '{name}' ({operatorName})", [.. NodeKeys, .. found.Attributes.Select(a => a.Name), .. found.Inputs.Select(i => i.Name)]);
        }
    }
}
