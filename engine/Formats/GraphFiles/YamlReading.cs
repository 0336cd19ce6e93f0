using System.Globalization;
using VkNet.Graphs;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>Typed reading of YAML nodes with located diagnostics; <c>$name</c> arguments and symbols are resolved on the way.</summary>
/// <param name="text">The text the nodes belong to.</param>
/// <param name="arguments">The arguments of the block being read, referred to with a dollar sign.</param>
/// <param name="names">Sizes of bound symbols.</param>
internal sealed class YamlReading(YamlText text, IReadOnlyDictionary<string, YamlNode> arguments, IReadOnlyDictionary<string, long> names)
{
    internal IReadOnlyDictionary<string, YamlNode> Arguments => arguments;

    /// <summary>The same text, read where these symbols are bound.</summary>
    internal YamlReading Naming(IReadOnlyDictionary<string, long> sizes) => new(text, arguments, sizes);

    internal SourceLocation At(YamlNode node) => text.At(node);

    internal VkNetException Fault(YamlNode node, string code, string message, string? help = null) => new(code, message, help, At(node));

    /// <summary>The node itself, or the block argument that it names with a dollar sign.</summary>
    internal YamlNode Resolve(YamlNode node)
    {
        if (node is not YamlScalarNode { Value: ['$', ..] value } || !IsName(value[1..])) return node;
        return arguments.TryGetValue(value[1..], out var argument) ? argument
            : throw Fault(node, "VKN1107", $"unknown argument '{value}'", arguments.Count == 0 ? "arguments exist only inside blocks" : Suggestion.For(value[1..], arguments.Keys));
    }

    internal YamlMappingNode Mapping(YamlNode node, string what) =>
        Resolve(node) as YamlMappingNode ?? throw Fault(node, "VKN1002", $"{what} must be a mapping (name: value)");

    internal IEnumerable<YamlNode> Sequence(YamlNode node, string what) =>
        Resolve(node) as YamlSequenceNode ?? throw Fault(node, "VKN1002", $"{what} must be a list ([a, b])");

    internal string Text(YamlNode node, string what) =>
        Resolve(node) is YamlScalarNode { Value: { } value } ? value : throw Fault(node, "VKN1002", $"{what} must be a word");

    internal bool Flag(YamlNode node, string what) => TryFlag(node) ?? throw Fault(node, "VKN1006", $"{what} must be true or false, not '{Show(node)}'");

    internal bool? TryFlag(YamlNode node) =>
        Resolve(node) is YamlScalarNode { Style: ScalarStyle.Plain, Value: { } value } ? value switch { "true" or "True" or "yes" => true, "false" or "False" or "no" => false, _ => null } : null;

    internal double Real(YamlNode node, string what)
    {
        var value = Text(node, what);
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !value.Contains("nan", StringComparison.OrdinalIgnoreCase)) return number;
        return value.TrimStart('-', '+').ToLowerInvariant() is ".inf"
            ? value[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity
            : value.ToLowerInvariant() is ".nan" ? double.NaN
            : TryInteger(node) is { } integer ? integer
            : throw Fault(node, "VKN1006", $"{what} must be a number, not '{value}'");
    }

    internal long Integer(YamlNode node, string what) =>
        TryInteger(node) ?? throw Fault(node, "VKN1006", $"{what} must be a whole number, not '{Show(node)}'",
            names.Count > 0 || arguments.Count > 0 ? $"names that may stand here: {string.Join(", ", names.Keys.Concat(arguments.Keys.Select(a => "$" + a)))}" : null);

    /// <summary>A whole number, written out or as a sum of products of numbers, symbols and $arguments; null when it is none.</summary>
    internal long? TryInteger(YamlNode node)
    {
        if (Resolve(node) is not YamlScalarNode { Value: { } value } scalar) return null;
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        if (scalar.Style != ScalarStyle.Plain && !value.Contains('$')) return null;
        try
        {
            return IntegerExpression.Evaluate(value, name =>
                name[0] == '$' ? arguments.TryGetValue(name[1..], out var argument) ? TryInteger(argument) : null
                : names.TryGetValue(name, out var size) ? size : null);
        }
        catch (OverflowException)
        {
            throw Fault(node, "VKN1006", $"'{value}' overflows");
        }
    }

    internal static string Show(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value ?? "",
        YamlSequenceNode sequence => $"a list of {sequence.Children.Count}",
        _ => "a mapping",
    };

    /// <summary>Refuses keys that are not known, offering the nearest.</summary>
    internal void CheckKeys(YamlMappingNode mapping, string where, IReadOnlyCollection<string> known)
    {
        foreach (var key in mapping.Children.Keys)
            if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
                throw Fault(key, "VKN1102", $"unknown key '{Show(key)}' in {where}", Suggestion.For(Show(key), known));
    }

    internal static YamlNode? Find(YamlMappingNode mapping, string key)
    {
        foreach (var (k, v) in mapping.Children)
            if (k is YamlScalarNode { Value: { } name } && name == key) return v;
        return null;
    }

    internal YamlNode Require(YamlMappingNode mapping, string key, string where) =>
        Find(mapping, key) ?? throw Fault(mapping, "VKN1005", $"{where} lacks '{key}'");

    internal IEnumerable<(string Name, YamlNode Key, YamlNode Value)> Entries(YamlNode? node, string what)
    {
        if (node is null) yield break;
        foreach (var (key, value) in Mapping(node, what).Children)
        {
            if (key is not YamlScalarNode { Value: { Length: > 0 } name }) throw Fault(key, "VKN1002", $"{what}: a name must be a word");
            yield return (name, key, value);
        }
    }

    private static bool IsName(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
