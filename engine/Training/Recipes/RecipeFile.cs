using System.Text;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Training;

/// <summary>
/// Reads training recipes: YAML mappings with <c>version: 1</c>, in the short form (one objective) or the general one (<c>steps</c>).
/// Errors name file, line and column (VKN1xxx), or what does not fit together (VKN5xxx).
/// </summary>
public static class RecipeFile
{
    /// <summary>The version that this library reads.</summary>
    public const int Version = 1;

    internal static readonly string[] Keys =
    [
        "version", "train", "name", "description", "bind", "weights", "initialise", "parameters", "data", "nodes", "loss", "metrics", "optimizer", "schedule",
        "steps", "copy", "wrt", "batch", "evaluation_batch", "epochs", "iterations", "checkpoint_every", "early_stopping", "seed",
    ];

    internal static readonly string[] CopyKeys = ["from", "to", "rate", "every"];
    internal static readonly string[] StoppingKeys = ["metric", "patience", "minimum_change", "goal"];

    /// <summary>Loads a recipe, its model and its data.</summary>
    /// <param name="path">The file.</param>
    /// <param name="registry">The operators that it and its model may use.</param>
    /// <param name="options">The data folder, and values that replace the recipe's; null for none.</param>
    /// <exception cref="VkNetException">VKN1xxx: the text is wrong; VKN51xx, VKN6xxx: the data are.</exception>
    public static Recipe Load(string path, OperatorRegistry registry, RecipeOptions? options = null) => Read(YamlText.Load(path), path, registry, options ?? new RecipeOptions());

    /// <summary>Parses the text of a recipe.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="path">The name that diagnostics give to it; its folder is where files are looked for.</param>
    /// <param name="registry">The operators that it and its model may use.</param>
    /// <param name="options">The data folder, and values that replace the recipe's; null for none.</param>
    public static Recipe Parse(string text, string path, OperatorRegistry registry, RecipeOptions? options = null) => Read(YamlText.Parse(path, text), path, registry, options ?? new RecipeOptions());

    private static Recipe Read(YamlText text, string path, OperatorRegistry registry, RecipeOptions options)
    {
        foreach (var (key, value) in options.Overrides) text.Override(key, value);
        var reading = new YamlReading(text, new Dictionary<string, YamlNode>(), new Dictionary<string, long>());
        var root = text.Root;
        reading.CheckKeys(root, "the recipe", Keys);
        var version = reading.Require(root, "version", "the recipe");
        if (reading.TryInteger(version) != Version)
            throw reading.Fault(version, "VKN1004", $"version {YamlReading.Show(version)} of the recipe is not known", $"this release reads version {Version}");
        var folder = Path.GetDirectoryName(path) ?? "";
        var seed = YamlReading.Find(root, "seed") is { } s ? checked((ulong)Positive(reading, s, "seed", 0)) : 1;
        var epochs = YamlReading.Find(root, "epochs") is { } e ? Positive(reading, e, "epochs") : 1;
        // What needs no file is read first, so that a misspelt key is found before a minute of data is.
        var objectives = new ObjectiveReader(reading, registry, root, epochs);
        var steps = objectives.Steps();
        var metrics = objectives.Metrics();
        var model = LoadModel(reading, reading.Require(root, "train", "the recipe"), folder, registry, options);
        var start = YamlReading.Find(root, "initialise") is { } how ? reading.Text(how, "initialise") : "";
        if (start is not ("" or "lsuv")) throw reading.Fault(YamlReading.Find(root, "initialise")!, "VKN1110", $"unknown initialisation '{start}'", "known: lsuv; other initialisers belong to parameters");
        var recipe = new Recipe
        {
            Name = YamlReading.Find(root, "name") is { } name ? reading.Text(name, "name") : model.Name,
            Model = model,
            Data = DataReader.Read(reading, reading.Require(root, "data", "the recipe"), options.DataFolder ?? folder, seed),
            Steps = steps,
            Metrics = metrics,
            Copies = [.. ReadCopies(reading, YamlReading.Find(root, "copy"))],
            Bind = reading.Entries(YamlReading.Find(root, "bind"), "bind").ToDictionary(b => b.Name, b => Positive(reading, b.Value, b.Name)),
            Parameters = [.. reading.Entries(YamlReading.Find(root, "parameters"), "parameters").Select(p => ReadRule(reading, p.Name, p.Value))],
            Weights = YamlReading.Find(root, "weights") is { } weights ? new TensorWeights(SafetensorsFile.Load(Path.Combine(folder, reading.Text(weights, "weights")))) : null,
            ScalesLayers = start == "lsuv",
            Batch = Count("batch", 64),
            EvaluationBatch = Count("evaluation_batch", 250),
            Epochs = epochs,
            Iterations = YamlReading.Find(root, "iterations") is { } iterations ? Positive(reading, iterations, "iterations") : null,
            CheckpointInterval = YamlReading.Find(root, "checkpoint_every") is { } interval ? Positive(reading, interval, "checkpoint_every") : null,
            EarlyStopping = YamlReading.Find(root, "early_stopping") is { } stop ? ReadStopping(reading, stop, metrics) : null,
            Seed = seed,
            Text = text.Written(options.Overrides),
        };
        if (YamlReading.Find(root, "batch") is { } batch && recipe.Batch > recipe.Data.Train.Source.Count)
            throw reading.Fault(batch, "VKN5113", $"a batch of {recipe.Batch} is more than the {recipe.Data.Train.Source.Count} training examples", $"take at most {recipe.Data.Train.Source.Count}");
        return recipe;

        int Count(string key, int otherwise) => YamlReading.Find(root, key) is { } node ? checked((int)Math.Min(Positive(reading, node, key), int.MaxValue)) : otherwise;
    }

    internal static long Positive(YamlReading reading, YamlNode node, string what, long least = 1)
    {
        var value = reading.Integer(node, what);
        return value >= least ? value : throw reading.Fault(node, "VKN1203", $"'{what}' must be at least {least}, not {value}");
    }

    private static ModelDefinition LoadModel(YamlReading reading, YamlNode node, string folder, OperatorRegistry registry, RecipeOptions options)
    {
        var path = Path.Combine(folder, reading.Text(node, "train"));
        if (!File.Exists(path)) throw reading.Fault(node, "VKN6001", $"there is no graph file '{path}'", "'train' names the graph file, seen from the recipe's folder");
        return options.LoadModel is { } load ? load(path) : GraphFile.Load(path, registry);
    }

    private static IEnumerable<RecipeCopy> ReadCopies(YamlReading reading, YamlNode? node)
    {
        if (node is null) yield break;
        var entries = reading.Resolve(node) is YamlSequenceNode list ? list.Children : [node];
        foreach (var entry in entries)
        {
            var mapping = reading.Mapping(entry, "copy");
            reading.CheckKeys(mapping, "copy", CopyKeys);
            var (from, to) = (reading.Text(reading.Require(mapping, "from", "copy"), "from"), reading.Text(reading.Require(mapping, "to", "copy"), "to"));
            if (from.Count(c => c == '*') > 1 || from.Count(c => c == '*') != to.Count(c => c == '*'))
                throw reading.Fault(mapping, "VKN1006", $"'{from}' and '{to}' must each hold one * or none", "what it stands for in 'from' is put into 'to'");
            var rate = YamlReading.Find(mapping, "rate") is { } r ? reading.Real(r, "rate") : 1;
            if (!(rate > 0 && rate <= 1)) throw reading.Fault(mapping, "VKN1203", "'rate' must be above 0 and at most 1");
            yield return new RecipeCopy(from, to, rate, YamlReading.Find(mapping, "every") is { } every ? Positive(reading, every, "every") : 1);
        }
    }

    private static ParameterRule ReadRule(YamlReading reading, string pattern, YamlNode node)
    {
        var mapping = reading.Mapping(node, $"'{pattern}'");
        reading.CheckKeys(mapping, $"'{pattern}'", ParameterReader.Keys);
        var given = ParameterReader.Read(reading, mapping, null);
        var freezes = YamlReading.Find(mapping, "frozen") is not null;
        return new ParameterRule(pattern, own => ParameterReader.Merge(own, given) with { Frozen = freezes ? given.Frozen : own.Frozen });
    }

    private static EarlyStopping ReadStopping(YamlReading reading, YamlNode node, IReadOnlyList<KeyValuePair<string, Func<ObjectiveContext, Value>>> metrics)
    {
        var mapping = reading.Mapping(node, "early_stopping");
        reading.CheckKeys(mapping, "early_stopping", StoppingKeys);
        var metric = ReadMetricName(reading, YamlReading.Find(mapping, "metric"), metrics);
        var goal = YamlReading.Find(mapping, "goal") is { } g ? reading.Text(g, "goal") : EarlyStopping.IsLargerBetter(metric) ? "maximise" : "minimise";
        if (goal is not ("maximise" or "minimise")) throw reading.Fault(mapping, "VKN1006", $"'goal' cannot be '{goal}'", "one of: maximise, minimise");
        return new EarlyStopping(
            metric,
            (int)Positive(reading, reading.Require(mapping, "patience", "early_stopping"), "patience"),
            YamlReading.Find(mapping, "minimum_change") is { } change ? reading.Real(change, "minimum_change") : 0,
            goal == "maximise");
    }

    internal static string ReadMetricName(YamlReading reading, YamlNode? node, IReadOnlyList<KeyValuePair<string, Func<ObjectiveContext, Value>>> metrics)
    {
        if (node is null) return TrainingGraph.LossName;
        var name = reading.Text(node, "metric");
        if (name != TrainingGraph.LossName && metrics.All(m => m.Key != name))
            throw reading.Fault(node, "VKN1103", $"there is no metric '{name}'", Suggestion.For(name, metrics.Select(m => m.Key).Append(TrainingGraph.LossName)));
        return name;
    }
}
