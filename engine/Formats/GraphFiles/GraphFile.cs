using VkNet.Graphs;
using VkNet.Tensors;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>
/// Reads graph files: YAML 1.2 mappings with <c>version: 1</c>, static and typed, one assignment per name. Errors name file, line and
/// column (VKN1xxx) or the shapes that do not fit (VKN2xxx).
/// </summary>
public static class GraphFile
{
    /// <summary>The version that this library reads and writes.</summary>
    public const int Version = 1;

    private static readonly string[] TopLevelKeys = ["version", "graph", "description", "inputs", "parameters", "constants", "states", "blocks", "nodes", "outputs", "weights_file"];

    /// <summary>Loads a graph file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="registry">The operators it may use.</param>
    /// <exception cref="VkNetException">VKN1xxx: the text is wrong. Shapes are checked when the model is built for concrete sizes.</exception>
    public static ModelDefinition Load(string path, OperatorRegistry registry) => Read(YamlText.Load(path), path, registry);

    /// <summary>Loads a graph file from a stream, from its position to its end.</summary>
    /// <param name="stream">The stream; it is not closed.</param>
    /// <param name="registry">The operators it may use.</param>
    /// <param name="name">The name that diagnostics give to it.</param>
    /// <exception cref="VkNetException">As for files.</exception>
    public static ModelDefinition Load(Stream stream, OperatorRegistry registry, string name = "graph") =>
        Parse(System.Text.Encoding.UTF8.GetString(InputFile.ReadAll(stream, name, Limits.MaximumTextFileBytes)).TrimStart('\uFEFF'), registry, name);

    /// <summary>Parses the text of a graph file.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="registry">The operators it may use.</param>
    /// <param name="name">The name that diagnostics give to the text.</param>
    public static ModelDefinition Parse(string text, OperatorRegistry registry, string name = "graph") => Read(YamlText.Parse(name, text), name, registry);

    private static ModelDefinition Read(YamlText text, string path, OperatorRegistry registry)
    {
        var reading = new YamlReading(text, new Dictionary<string, YamlNode>(), new Dictionary<string, long>());
        reading.CheckKeys(text.Root, "the graph file", TopLevelKeys);
        var version = reading.Require(text.Root, "version", "the graph file");
        if (reading.TryInteger(version) != Version)
            throw reading.Fault(version, "VKN1004", $"version {YamlReading.Show(version)} of the graph file is not known", $"this release reads version {Version}");
        var name = YamlReading.Find(text.Root, "graph") is { } title ? reading.Text(title, "graph") : Path.GetFileNameWithoutExtension(path);
        var inputs = reading.Entries(YamlReading.Find(text.Root, "inputs"), "inputs").Select(e => ReadInput(reading, e.Name, e.Value)).ToList();
        // Everything that needs no sizes is checked at once, so that a mistake is found even where sizes are still open.
        GraphFileCheck.Check(text, reading, registry);
        var weights = YamlReading.Find(text.Root, "weights_file") is { } file ? reading.Text(file, "weights_file") : null;
        return new ModelDefinition(name, inputs, bindings => new GraphFileBuilder(text, registry, inputs, bindings, name).Build())
        {
            WeightsFile = weights is null ? null : Path.Combine(Path.GetDirectoryName(path) ?? "", weights),
        };
    }

    private static InputDeclaration ReadInput(YamlReading reading, string name, YamlNode node)
    {
        var mapping = reading.Mapping(node, $"input '{name}'");
        reading.CheckKeys(mapping, $"input '{name}'", ["shape", "dtype", "description"]);
        var dimensions = reading.Sequence(reading.Require(mapping, "shape", $"input '{name}'"), "shape").Select(d => ReadDimension(reading, d)).ToList();
        if (dimensions.Count > Limits.MaximumRank) throw reading.Fault(mapping, "VKN1003", $"input '{name}' has {dimensions.Count} axes; at most {Limits.MaximumRank} are allowed");
        return new InputDeclaration(name, ReadDataType(reading, mapping), dimensions) { Location = reading.At(node) };
    }

    private static Dimension ReadDimension(YamlReading reading, YamlNode node)
    {
        if (reading.TryInteger(node) is { } size)
            return size >= 0 ? size : throw reading.Fault(node, "VKN2001", $"a tensor cannot have the negative size {size}");
        var symbol = reading.Text(node, "a size");
        if (!char.IsAsciiLetter(symbol.FirstOrDefault()) || !symbol.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw reading.Fault(node, "VKN1006", $"'{symbol}' is neither a size nor a symbol", "sizes are whole numbers; symbols are words such as N");
        return symbol;
    }

    internal static DataType ReadDataType(YamlReading reading, YamlMappingNode mapping)
    {
        if (YamlReading.Find(mapping, "dtype") is not { } node) return DataType.Float32;
        var name = reading.Text(node, "dtype");
        return DataTypes.Parse(name) ?? throw reading.Fault(node, "VKN1006", $"unknown dtype '{name}'", Suggestion.For(name, DataTypes.AllNames));
    }
}
