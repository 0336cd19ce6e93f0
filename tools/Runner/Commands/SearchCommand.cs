using System.CommandLine;
using System.Globalization;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;
using VkNet.Runner.Training;
using VkNet.Training;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet search</c>: tries settings of a recipe and ranks them.</summary>
internal sealed class SearchCommand : RunnerCommand
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "A training recipe (.train.yaml)" };
    private readonly Option<string> _space = new("--space") { Description = "What to try: KEY: [A, B] for a grid, KEY: {log_uniform: [LOW, HIGH]} to draw from", HelpName = "FILE", Required = true };
    private readonly Option<int?> _trials = new("--trials") { Description = "How many settings are tried", HelpName = "N" };
    private readonly Option<string[]> _set = new("--set") { Description = "Put a value in place of the recipe's in every trial", HelpName = "KEY=VALUE" };
    private readonly Option<string?> _data = new("--data") { Description = "The folder in which the recipe's data files lie", HelpName = "PATH" };
    private readonly Option<string?> _metric = new("--metric") { Description = "The figure that ranks: loss or a metric; the recipe's first metric when not given", HelpName = "NAME" };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Chooses the settings drawn", HelpName = "SEED", DefaultValueFactory = _ => 1 };

    protected override string Name => "search";

    protected override string Description => "Trains with several settings, from a grid or drawn at random, and ranks them by the validation data (or test, or training data).";

    protected override IReadOnlyList<string> Examples => ["vknet search examples/digits/lenet.train.yaml --space space.yaml --trials 20 --set epochs=1"];

    protected override IEnumerable<Symbol> Symbols => [_recipe, _space, _trials, _set, _data, _metric, _seed];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(_space)!;
        if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}' (given for --space)");
        if (arguments.GetValue(_trials) is < 1) throw new VkNetException("VKN7002", "--trials must be at least 1");
        var space = SearchSpace.Load(path);
        using var device = OpenDevice(arguments);
        var results = new List<(IReadOnlyList<KeyValuePair<string, string>> Settings, double Figure, string? Fault)>();
        var metric = arguments.GetValue(_metric);
        var count = 0;
        var trials = space.Trials(arguments.GetValue(_trials), arguments.GetValue(_seed)).ToList();
        using var progress = new ProgressLine(Error, trials.Count);
        foreach (var settings in trials)
        {
            var recipe = RecipeLoader.Load(arguments.GetValue(_recipe)!, arguments.GetValue(_set), arguments.GetValue(_data), settings);
            metric ??= recipe.Metrics.Count > 0 ? recipe.Metrics[0].Key : TrainingGraph.LossName;
            if (metric != TrainingGraph.LossName && recipe.Metrics.All(m => m.Key != metric))
                throw new VkNetException("VKN7002", $"--metric: the recipe has no metric '{metric}'", Suggestion.For(metric, recipe.Metrics.Select(m => m.Key).Append(TrainingGraph.LossName)));
            progress.Next(string.Join("  ", settings.Select(s => $"{s.Key}={s.Value}")));
            var (figure, fault) = Try(device, recipe, metric, cancellation);
            results.Add((settings, figure, fault));
            progress.Line(string.Create(CultureInfo.InvariantCulture, $"{++count}: {string.Join("  ", settings.Select(s => $"{s.Key}={s.Value}"))}  {fault ?? $"{metric} {figure:0.00000}"}"));
        }
        progress.Dispose();
        var larger = EarlyStopping.IsLargerBetter(metric!);
        var ranked = results.OrderBy(r => double.IsNaN(r.Figure)).ThenBy(r => larger ? -r.Figure : r.Figure).ToList();
        if (arguments.GetValue(CommonOptions.Json)) WriteJson(ranked, metric!);
        else WriteTable(ranked, metric!, space.Keys);
        return 0;
    }

    // A setting that diverges is a result, not an end.
    private static (double Figure, string? Fault) Try(Devices.ComputeDevice device, Recipe recipe, string metric, CancellationToken cancellation)
    {
        try
        {
            using var trainer = new Trainer(device, recipe);
            var outcome = trainer.Run(cancellation);
            cancellation.ThrowIfCancellationRequested();
            return ((outcome.Validation ?? outcome.Test ?? outcome.Train)[metric], null);
        }
        catch (VkNetException e) when (e.Diagnostic.Code == "VKN5201")
        {
            return (double.NaN, e.Diagnostic.Message);
        }
    }

    private void WriteTable(List<(IReadOnlyList<KeyValuePair<string, string>> Settings, double Figure, string? Fault)> ranked, string metric, IReadOnlyList<string> keys)
    {
        string[][] rows = [["rank", metric, .. keys], .. ranked.Select((r, i) => (string[])[(i + 1).ToString(CultureInfo.InvariantCulture), r.Fault is null ? r.Figure.ToString("0.00000", CultureInfo.InvariantCulture) : "diverged", .. r.Settings.Select(s => s.Value)])];
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        foreach (var row in rows) Output.WriteLine(string.Join("  ", row.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd());
    }

    private void WriteJson(List<(IReadOnlyList<KeyValuePair<string, string>> Settings, double Figure, string? Fault)> ranked, string metric) => JsonReport.Write(Output, json =>
    {
        json.WriteStartObject();
        json.WriteString("metric", metric);
        json.WriteStartArray("trials");
        foreach (var (settings, figure, fault) in ranked)
        {
            json.WriteStartObject();
            json.WriteStartObject("settings");
            foreach (var (key, value) in settings) json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteReal("figure", figure);
            if (fault is not null) json.WriteString("fault", fault);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
