using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;
using YamlDotNet.RepresentationModel;

namespace VkNet.Training;

/// <summary>Reads the data section of a recipe.</summary>
internal sealed class DataReader
{
    internal static readonly string[] FeedKeys = ["random", "shape", "low", "high", "mean", "std", "fixed"];
    internal static readonly string[] NormalizationKeys = ["mean", "std", "range"];
    internal static readonly string[] AugmentationKeys = ["flip", "crop", "shift", "rotate", "scale", "brightness", "contrast", "saturation"];
    internal static readonly string[] Keys = ["train", "validation", "test", "split", "fold", "feed", "augment", "order"];
    private readonly YamlReading _reading;
    private readonly DataSourceReader _sources;

    private DataReader(YamlReading reading, string folder) => (_reading, _sources) = (reading, new DataSourceReader(reading, folder));

    internal static TrainingData Read(YamlReading reading, YamlNode node, string folder, ulong seed)
    {
        var mapping = reading.Mapping(node, "data");
        reading.CheckKeys(mapping, "data", Keys);
        var reader = new DataReader(reading, folder);
        // Feeds and changes need no file and are looked at before any is opened.
        var feeds = reader.Feeds(YamlReading.Find(mapping, "feed"));
        var augmentation = YamlReading.Find(mapping, "augment") is { } augment ? reader.ReadAugmentation(augment) : null;
        var train = reader.Part(reading.Require(mapping, "train", "data"), "train");
        var data = new TrainingData(train, feeds)
        {
            Validation = YamlReading.Find(mapping, "validation") is { } validation ? reader.Part(validation, "validation") : null,
            Test = YamlReading.Find(mapping, "test") is { } test ? reader.Part(test, "test") : null,
        };
        data = reader.Split(mapping, data, seed);
        if (augmentation is not null && !data.Train.Source.Columns.Any(c => c.IsPicture))
            throw reading.Fault(YamlReading.Find(mapping, "augment")!, "VKN5120", "'augment' changes pictures, but the data have none");
        var order = YamlReading.Find(mapping, "order") is { } given ? reader.ReadOrder(given) : data.Train.Source.IsSequence ? DataOrder.Streams : DataOrder.Shuffled;
        return data with { Train = data.Train with { Augmentation = augmentation, Order = order } };
    }

    private DataPart Part(YamlNode node, string what)
    {
        var mapping = _reading.Mapping(node, what);
        var source = _sources.Read(mapping, what);
        return new DataPart(source) { Normalization = YamlReading.Find(mapping, "normalise") is { } normalise ? ReadNormalization(normalise) : PictureNormalization.None };
    }

    private TrainingData Split(YamlMappingNode mapping, TrainingData data, ulong seed)
    {
        if (YamlReading.Find(mapping, "split") is { } split)
        {
            var shares = _reading.Mapping(split, "split");
            _reading.CheckKeys(shares, "split", ["validation", "test"]);
            var named = _reading.Entries(shares, "split").Select(s => (s.Name, s.Key, Share: _reading.Real(s.Value, s.Name))).ToList();
            foreach (var (name, key, _) in named)
                if ((name == "test" ? data.Test : data.Validation) is not null) throw _reading.Fault(key, "VKN1105", $"'{name}' is given and split off as well");
            var parts = Located(split, () => SourcePart.Split(data.Train.Source, [.. named.Select(n => n.Share)], seed));
            for (var i = 0; i < named.Count; i++)
            {
                var part = data.Train with { Source = parts[i + 1] };
                data = named[i].Name == "test" ? data with { Test = part } : data with { Validation = part };
            }
            data = data with { Train = data.Train with { Source = parts[0] } };
        }
        if (YamlReading.Find(mapping, "fold") is { } fold)
        {
            var numbers = _reading.Mapping(fold, "fold");
            _reading.CheckKeys(numbers, "fold", ["folds", "fold"]);
            if (data.Validation is not null) throw _reading.Fault(fold, "VKN1105", "'validation' is given and folded off as well");
            var (count, held) = (_reading.Integer(_reading.Require(numbers, "folds", "fold"), "folds"), _reading.Integer(_reading.Require(numbers, "fold", "fold"), "fold"));
            var (train, validation) = Located(fold, () => SourcePart.Fold(data.Train.Source, (int)Math.Clamp(count, 0, int.MaxValue), (int)Math.Clamp(held, -1, int.MaxValue), seed));
            data = data with { Validation = data.Train with { Source = validation }, Train = data.Train with { Source = train } };
        }
        return data;
    }

    private T Located<T>(YamlNode node, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (VkNetException e) when (e.Diagnostic.Location is null)
        {
            throw new VkNetException(e.Diagnostic with { Location = _reading.At(node) }, e.Kind, e);
        }
    }

    private List<DataFeed> Feeds(YamlNode? node)
    {
        var feeds = new List<DataFeed>();
        foreach (var (name, _, value) in _reading.Entries(node, "feed"))
        {
            if (_reading.Resolve(value) is not YamlMappingNode mapping)
            {
                feeds.Add(new DataFeed(name, _reading.Text(value, name)) { Location = _reading.At(value) });
                continue;
            }
            _reading.CheckKeys(mapping, $"feed '{name}'", FeedKeys);
            var kind = _reading.Text(_reading.Require(mapping, "random", $"feed '{name}'"), "random");
            if (kind is not ("normal" or "uniform")) throw _reading.Fault(mapping, "VKN1006", $"'random' cannot be '{kind}'", "one of: normal, uniform");
            var shape = new Shape([.. YamlReading.Find(mapping, "shape") is { } sizes ? _reading.Sequence(sizes, "shape").Select(s => RecipeFile.Positive(_reading, s, "a size", 0)) : []]);
            var random = kind == "normal" ? new RandomFeed(true, shape, Number("mean", 0), Number("std", 1)) : new RandomFeed(false, shape, Number("low", 0), Number("high", 1));
            if (YamlReading.Find(mapping, "fixed") is { } held) random = random with { IsFixed = _reading.Flag(held, "fixed") };
            feeds.Add(new DataFeed(name, null, random) { Location = _reading.At(value) });

            double Number(string key, double otherwise) => YamlReading.Find(mapping, key) is { } number ? _reading.Real(number, key) : otherwise;
        }
        return feeds;
    }

    private PictureNormalization ReadNormalization(YamlNode node)
    {
        var mapping = _reading.Mapping(node, "normalise");
        _reading.CheckKeys(mapping, "normalise", NormalizationKeys);
        var (means, deviations) = (Numbers("mean", 0), Numbers("std", 1));
        if (deviations.Any(d => !(d > 0 && double.IsFinite(d)))) throw _reading.Fault(mapping, "VKN1203", "'std' must be positive");
        if (means.Length > 1 && deviations.Length > 1 && means.Length != deviations.Length) throw _reading.Fault(mapping, "VKN1006", $"'mean' has {means.Length} numbers, but 'std' has {deviations.Length}");
        return new PictureNormalization(means, deviations) { Range = YamlReading.Find(mapping, "range") is { } range ? _reading.Real(range, "range") : 1 };

        double[] Numbers(string key, double otherwise) => YamlReading.Find(mapping, key) is not { } value ? [otherwise]
            : _reading.Resolve(value) is YamlSequenceNode list && list.Children.Count > 0 ? [.. list.Select(n => _reading.Real(n, key))] : [_reading.Real(value, key)];
    }

    private Augmentation ReadAugmentation(YamlNode node)
    {
        var mapping = _reading.Mapping(node, "augment");
        _reading.CheckKeys(mapping, "augment", AugmentationKeys);
        var flip = YamlReading.Find(mapping, "flip") is { } f ? _reading.Text(f, "flip") : "none";
        if (flip is not ("none" or "horizontal" or "vertical" or "both")) throw _reading.Fault(YamlReading.Find(mapping, "flip")!, "VKN1006", $"'flip' cannot be '{flip}'", "one of: none, horizontal, vertical, both");
        var scale = YamlReading.Find(mapping, "scale") is not { } s ? [1, 1] : _reading.Sequence(s, "scale").Select(n => _reading.Real(n, "scale")).ToArray();
        if (scale.Length != 2 || !(scale[0] > 0 && scale[0] <= scale[1] && double.IsFinite(scale[1]))) throw _reading.Fault(YamlReading.Find(mapping, "scale")!, "VKN1006", "'scale' must be two positive factors, the smaller first: [0.9, 1.1]");
        return new Augmentation
        {
            FlipHorizontal = flip is "horizontal" or "both",
            FlipVertical = flip is "vertical" or "both",
            Crop = YamlReading.Find(mapping, "crop") is { } crop ? (int)Math.Min(RecipeFile.Positive(_reading, crop, "crop", 0), 1 << 20) : 0,
            Shift = Size("shift"),
            Rotate = Size("rotate"),
            SmallestScale = scale[0],
            LargestScale = scale[1],
            Brightness = Size("brightness"),
            Contrast = Size("contrast"),
            Saturation = Size("saturation"),
        };

        double Size(string key)
        {
            if (YamlReading.Find(mapping, key) is not { } value) return 0;
            var number = _reading.Real(value, key);
            return number >= 0 && double.IsFinite(number) ? number : throw _reading.Fault(value, "VKN1203", $"'{key}' must not be negative");
        }
    }

    private DataOrder ReadOrder(YamlNode node) => _reading.Text(node, "order") switch
    {
        "shuffled" => DataOrder.Shuffled,
        "sequential" => DataOrder.Sequential,
        "streams" => DataOrder.Streams,
        var other => throw _reading.Fault(node, "VKN1006", $"'order' cannot be '{other}'", "one of: shuffled, sequential, streams"),
    };
}
