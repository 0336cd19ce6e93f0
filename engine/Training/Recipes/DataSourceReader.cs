using System.Text;
using VkNet.Formats;
using VkNet.Tensors;
using YamlDotNet.RepresentationModel;

namespace VkNet.Training;

/// <summary>Reads the sources of a recipe: which format, which files, which part of them.</summary>
internal sealed class DataSourceReader
{
    internal static readonly string[] CommonKeys = ["source", "normalise", "first", "shuffle_pixels"];

    /// <summary>The keys of each kind of source, beside the common ones.</summary>
    internal static readonly Dictionary<string, string[]> Kinds = new(StringComparer.Ordinal)
    {
        ["idx"] = ["images", "labels"],
        ["npz"] = ["file", "pictures"],
        ["csv"] = ["file", "header", "delimiter", "columns"],
        ["text"] = ["file", "length", "from", "to"],
        ["cifar10"] = ["files"],
        ["folder"] = ["folder", "channels", "height", "width"],
        ["digits"] = ["count", "seed"],
        ["inline"] = ["columns"],
        ["none"] = ["count"],
    };

    private readonly YamlReading _reading;
    private readonly string _folder;

    internal DataSourceReader(YamlReading reading, string folder) => (_reading, _folder) = (reading, folder);

    internal IDataSource Read(YamlMappingNode mapping, string what)
    {
        var kindNode = _reading.Require(mapping, "source", $"'{what}'");
        var kind = _reading.Text(kindNode, "source");
        if (!Kinds.TryGetValue(kind, out var keys)) throw _reading.Fault(kindNode, "VKN1006", $"unknown source '{kind}'", Suggestion.For(kind, Kinds.Keys));
        _reading.CheckKeys(mapping, $"the source {kind}", [.. CommonKeys, .. keys]);
        var source = Located(mapping, () => Open(kind, mapping));
        if (YamlReading.Find(mapping, "shuffle_pixels") is { } shuffle)
        {
            if (!source.Columns.Any(c => c.IsPicture)) throw _reading.Fault(shuffle, "VKN5120", "'shuffle_pixels' changes pictures, but the data have none");
            source = new ShuffledPixelSource(source, (ulong)RecipeFile.Positive(_reading, shuffle, "shuffle_pixels", 0));
        }
        if (YamlReading.Find(mapping, "first") is not { } first) return source;
        var count = RecipeFile.Positive(_reading, first, "first");
        return count <= source.Count ? SourcePart.Range(source, 0, count) : throw _reading.Fault(first, "VKN5114", $"the source has {source.Count} examples, fewer than {count}");
    }

    private IDataSource Open(string kind, YamlMappingNode mapping) => kind switch
    {
        "idx" => Idx(mapping),
        "npz" => Npz(mapping),
        "csv" => Csv(mapping),
        "text" => Text(mapping),
        "cifar10" => CifarFile.Load([.. _reading.Sequence(_reading.Require(mapping, "files", "the source"), "files").Select(FileOf)]),
        "folder" => Folder(mapping),
        "digits" => new DigitSource(Size(mapping, "count", 10_000), (ulong)Size(mapping, "seed", 1, 0)),
        "inline" => TensorSource.Of(_reading.Entries(_reading.Require(mapping, "columns", "the source"), "columns").Select(c => new KeyValuePair<string, Tensor>(c.Name, LiteralTensor.Read(_reading, c.Name, c.Value)))),
        _ => new EmptySource(Size(mapping, "count", 1000)),
    };

    // What a source says about its data as a whole is shown where the recipe names it.
    private IDataSource Located(YamlNode node, Func<IDataSource> open)
    {
        try
        {
            return open();
        }
        catch (VkNetException e) when (e.Diagnostic.Location is null)
        {
            throw new VkNetException(e.Diagnostic with { Location = _reading.At(node) }, e.Kind, e);
        }
    }

    private TensorSource Idx(YamlMappingNode mapping)
    {
        var images = IdxFile.Load(FileOf(_reading.Require(mapping, "images", "the source")));
        if (images.Shape.Rank < 2) throw _reading.Fault(mapping, "VKN5102", $"'images' is {images.Type}, which holds no examples of more than a number");
        var columns = new List<(DataColumn, Tensor)> { (TensorSource.ColumnOf("images", images, isPicture: images.Shape.Rank >= 3), images) };
        if (YamlReading.Find(mapping, "labels") is { } labelsNode)
        {
            var labels = IdxFile.Load(FileOf(labelsNode));
            columns.Add((TensorSource.ColumnOf("labels", labels), labels));
        }
        return new TensorSource(columns);
    }

    private TensorSource Npz(YamlMappingNode mapping)
    {
        using var archive = NpzFile.Open(FileOf(_reading.Require(mapping, "file", "the source")));
        var pictures = YamlReading.Find(mapping, "pictures") is { } p ? _reading.Sequence(p, "pictures").Select(n => (Node: n, Name: _reading.Text(n, "pictures"))).ToList() : [];
        foreach (var (node, name) in pictures)
            if (!archive.Names.Contains(name)) throw _reading.Fault(node, "VKN5110", $"the archive has no array '{name}'", Suggestion.For(name, archive.Names));
        return new TensorSource([.. archive.Names.Select(n => (n, archive.Read(n))).Select(t => (TensorSource.ColumnOf(t.n, t.Item2, pictures.Any(p => p.Name == t.n) && t.Item2.Shape.Rank >= 3), t.Item2))]);
    }

    private TensorSource Csv(YamlMappingNode mapping)
    {
        var delimiter = YamlReading.Find(mapping, "delimiter") is { } d ? _reading.Text(d, "delimiter") : ",";
        if (delimiter.Length != 1) throw _reading.Fault(YamlReading.Find(mapping, "delimiter")!, "VKN1006", "'delimiter' must be one character");
        var table = CsvFile.Load(FileOf(_reading.Require(mapping, "file", "the source")), YamlReading.Find(mapping, "header") is not { } h || _reading.Flag(h, "header"), delimiter[0]);
        string[] vocabulary = [];
        var columns = new List<(DataColumn, Tensor)>();
        foreach (var (name, _, value) in _reading.Entries(_reading.Require(mapping, "columns", "the source"), "columns"))
        {
            var isList = _reading.Resolve(value) is YamlSequenceNode;
            var indices = (isList ? _reading.Sequence(value, name) : [value]).Select(c => table.Find(_reading.Text(c, name))).ToArray();
            // Words are classes, numbered in their order; numbers stay numbers, and whole ones of a single column are labels too.
            if (!isList && !table.IsNumeric(indices[0]))
            {
                var words = table.Words(indices[0]).ToArray();
                vocabulary = [.. words.Distinct().Order(StringComparer.Ordinal)];
                var labels = Tensor.From<int>([.. words.Select(w => Array.BinarySearch(vocabulary, w, StringComparer.Ordinal))], words.Length);
                columns.Add((TensorSource.ColumnOf(name, labels), labels));
                continue;
            }
            var values = new double[table.Count * indices.Length];
            for (var row = 0; row < table.Count; row++)
                for (var i = 0; i < indices.Length; i++) values[row * indices.Length + i] = table.Real(row, indices[i]);
            var isLabel = !isList && values.All(v => v >= 0 && v == Math.Floor(v) && v < int.MaxValue);
            var tensor = Tensor.Zeros(isLabel ? DataType.Int32 : DataType.Float32, isList ? [table.Count, indices.Length] : [table.Count]);
            ElementConversion.StoreReals(tensor, values);
            columns.Add((TensorSource.ColumnOf(name, tensor), tensor));
        }
        return new TensorSource(columns, vocabulary);
    }

    private TextSource Text(YamlMappingNode mapping)
    {
        var path = FileOf(_reading.Require(mapping, "file", "the source"));
        var content = Encoding.UTF8.GetString(InputFile.Read(path, s => InputFile.ReadAll(s, path, Limits.MaximumTensorBytes)));
        var (from, to) = (Share("from", 0), Share("to", 1));
        if (!(from >= 0 && from < to && to <= 1)) throw _reading.Fault(mapping, "VKN5114", "'from' and 'to' are shares of the text: 0 <= from < to <= 1");
        return new TextSource(content, Size(mapping, "length", 25), from, to);

        double Share(string key, double otherwise) => YamlReading.Find(mapping, key) is { } node ? _reading.Real(node, key) : otherwise;
    }

    private PictureFolderSource Folder(YamlMappingNode mapping)
    {
        var channels = Size(mapping, "channels", 3);
        if (channels is not (1 or 3)) throw _reading.Fault(mapping, "VKN1203", $"'channels' must be 1 or 3, not {channels}");
        var (height, width) = (_reading.Require(mapping, "height", "the source"), _reading.Require(mapping, "width", "the source"));
        return new PictureFolderSource(FileOf(_reading.Require(mapping, "folder", "the source")), channels, (int)RecipeFile.Positive(_reading, height, "height"), (int)RecipeFile.Positive(_reading, width, "width"));
    }

    private int Size(YamlMappingNode mapping, string key, int otherwise, long least = 1) =>
        YamlReading.Find(mapping, key) is { } node ? (int)Math.Min(RecipeFile.Positive(_reading, node, key, least), int.MaxValue) : otherwise;

    private string FileOf(YamlNode node) => Path.Combine(_folder, _reading.Text(node, "a file"));
}
