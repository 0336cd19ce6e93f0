using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace VkNet.Tests.GraphFiles;

/// <summary>Reads YAML the way editors do before they apply a JSON Schema: plain scalars become numbers, truth values and null (core schema of YAML 1.2).</summary>
internal static class YamlToJson
{
    public static JsonNode? Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return Convert(stream.Documents[0].RootNode);
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Convert(c.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Convert)]),
        YamlScalarNode { Style: not ScalarStyle.Plain, Value: var value } => JsonValue.Create(value),
        YamlScalarNode { Value: var value } => value switch
        {
            null or "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && char.IsAsciiDigit(value[^1]) => JsonValue.Create(number),
            _ => JsonValue.Create(value),
        },
        _ => throw new InvalidOperationException(node.GetType().Name),
    };
}
