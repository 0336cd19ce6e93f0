using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>
/// A YAML text loaded within limits, that knows where each node stands. The text is scanned event by event first, because the
/// representation model is built recursively and an alias can stand for any number of nodes.
/// </summary>
internal sealed class YamlText
{
    private readonly string _file;
    private readonly string[] _lines;
    private readonly Dictionary<YamlNode, SourceLocation> _overridden = new(ReferenceEqualityComparer.Instance);

    private YamlText(string file, string[] lines, YamlMappingNode root)
    {
        _file = file;
        _lines = lines;
        Root = root;
    }

    /// <summary>The mapping at the top.</summary>
    internal YamlMappingNode Root { get; }

    /// <summary>Loads a file.</summary>
    /// <exception cref="VkNetException">VKN1001 to VKN1003.</exception>
    internal static YamlText Load(string path)
    {
        var bytes = InputFile.Read(path, stream =>
        {
            if (stream.Length > Limits.MaximumTextFileBytes)
                throw new VkNetException("VKN1003", $"the file has {stream.Length} bytes; at most {Limits.MaximumTextFileBytes} are read", null, new SourceLocation(path));
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        });
        return Parse(path, bytes);
    }

    /// <summary>Parses a text.</summary>
    internal static YamlText Parse(string file, string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        try
        {
            CheckLimits(file, lines, text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
                throw new VkNetException("VKN1002", stream.Documents.Count > 1 ? "the file holds several YAML documents; one is expected" : "the file is no YAML mapping", "it begins with 'version: 1'", new SourceLocation(file));
            return new YamlText(file, lines, root);
        }
        catch (YamlException e)
        {
            var duplicate = e.Message.Contains("Duplicate key", StringComparison.OrdinalIgnoreCase) || e.InnerException is ArgumentException;
            throw new VkNetException(
                duplicate ? "VKN1105" : "VKN1001",
                duplicate ? "a name stands twice in one mapping" : $"this is no YAML: {e.Message}",
                duplicate ? "every name is assigned once" : null,
                At(file, lines, e.Start),
                inner: e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // Some damage (a tag that is no URI, a plain word where none may stand) the parser answers with exceptions that know no place.
            throw new VkNetException("VKN1001", $"this is no YAML: {e.Message}", "look for a bracket, brace or quote that is not closed, and for words that begin with !", new SourceLocation(file), inner: e);
        }
    }

    /// <summary>Where a node stands.</summary>
    internal SourceLocation At(YamlNode node) => _overridden.TryGetValue(node, out var location) ? location : At(_file, _lines, node.Start);

    /// <summary>Replaces or adds a value by its path: names of mappings and numbers of list entries, with dots between.</summary>
    /// <exception cref="VkNetException">VKN1007: the path leads through something that is no mapping or list.</exception>
    internal void Override(string path, string value)
    {
        var place = new SourceLocation($"--set {path}={value}");
        var fresh = Parse(place.File, $"value: {value}").Root.Children.Values.First();
        Mark(fresh);
        var keys = path.Split('.');
        YamlNode node = Root;
        for (var i = 0; i < keys.Length; i++)
        {
            if (node is YamlSequenceNode list && int.TryParse(keys[i], out var index) && index >= 0 && index < list.Children.Count)
            {
                if (i == keys.Length - 1) list.Children[index] = fresh;
                node = list.Children[index];
            }
            else if (node is YamlMappingNode mapping)
            {
                var key = mapping.Children.Keys.FirstOrDefault(k => k is YamlScalarNode { Value: { } name } && name == keys[i]);
                if (key is null)
                {
                    key = new YamlScalarNode(keys[i]);
                    _overridden[key] = place;
                    mapping.Children.Add(key, i == keys.Length - 1 ? fresh : Nest(keys[(i + 1)..], fresh));
                    return;
                }
                if (i == keys.Length - 1) mapping.Children[key] = fresh;
                node = mapping.Children[key];
            }
            else throw new VkNetException("VKN1007", $"'{string.Join('.', keys[..i])}' is {YamlReading.Show(node)}, which has no '{keys[i]}'", "the path names mappings, and entries of lists by number", place);
        }

        YamlMappingNode Nest(string[] rest, YamlNode leaf)
        {
            var mapping = new YamlMappingNode();
            var key = new YamlScalarNode(rest[0]);
            (_overridden[key], _overridden[mapping]) = (place, place);
            mapping.Children.Add(key, rest.Length == 1 ? leaf : Nest(rest[1..], leaf));
            return mapping;
        }

        void Mark(YamlNode given)
        {
            _overridden[given] = place;
            foreach (var child in given is YamlMappingNode m ? m.Children.SelectMany(c => (YamlNode[])[c.Key, c.Value]) : given is YamlSequenceNode s ? s.Children : []) Mark(child);
        }
    }

    /// <summary>The text as it was read, with the values that replace its own in comments below it.</summary>
    internal string Written(IEnumerable<KeyValuePair<string, string>> overrides) =>
        string.Join('\n', _lines) + string.Concat(overrides.Select(o => $"# --set {o.Key}={o.Value}\n"));

    private static SourceLocation At(string file, string[] lines, Mark mark)
    {
        var line = (int)mark.Line;
        return new SourceLocation(file, line, (int)mark.Column, line >= 1 && line <= lines.Length ? lines[line - 1] : null);
    }

    private static void CheckLimits(string file, string[] lines, string text)
    {
        var parser = new Parser(new StringReader(text));
        // Nodes under each open collection, and under each anchor, with aliases expanded: the product is what a walk would visit.
        var sizes = new Stack<(string? Anchor, long Size)>();
        var anchors = new Dictionary<string, long>(StringComparer.Ordinal);
        long total = 0;
        var aliases = 0;
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case MappingStart or SequenceStart:
                    sizes.Push((((NodeEvent)parser.Current).Anchor is { IsEmpty: false } a ? a.Value : null, 1));
                    if (sizes.Count > Limits.MaximumTextDepth)
                        throw new VkNetException("VKN1003", $"collections are nested more than {Limits.MaximumTextDepth} deep", null, At(file, lines, parser.Current.Start));
                    break;
                case MappingEnd or SequenceEnd:
                    var (anchor, size) = sizes.Pop();
                    if (anchor is not null) anchors[anchor] = size;
                    Count(size);
                    break;
                case Scalar scalar:
                    if (scalar.Anchor is { IsEmpty: false } name) anchors[name.Value] = 1;
                    Count(1);
                    break;
                case AnchorAlias alias:
                    if (++aliases > Limits.MaximumYamlAliases)
                        throw new VkNetException("VKN1003", $"the file uses more than {Limits.MaximumYamlAliases} aliases", null, At(file, lines, parser.Current.Start));
                    Count(anchors.GetValueOrDefault(alias.Value.Value, 1));
                    break;
            }
            if (total > Limits.MaximumYamlNodes)
                throw new VkNetException("VKN1003", $"the file stands for more than {Limits.MaximumYamlNodes} values, aliases counted each time they are used", null, At(file, lines, parser.Current!.Start));
        }

        void Count(long size)
        {
            if (sizes.Count == 0)
            {
                total = Math.Max(total, size);
                return;
            }
            var top = sizes.Pop();
            sizes.Push((top.Anchor, Math.Min(top.Size + size, long.MaxValue / 4)));
            total = Math.Max(total, top.Size + size);
        }
    }
}
