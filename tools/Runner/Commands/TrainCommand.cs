using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using VkNet.Devices;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;
using VkNet.Runner.Training;
using VkNet.Training;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet train</c>: carries out a recipe.</summary>
internal sealed class TrainCommand : RunnerCommand
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "A training recipe (.train.yaml)" };
    private readonly Option<string[]> _set = new("--set") { Description = "Put a value in place of the recipe's, e.g. optimizer.lr=0.01", HelpName = "KEY=VALUE" };
    private readonly Option<string?> _data = new("--data") { Description = "The folder in which the recipe's data files lie", HelpName = "PATH" };
    private readonly Option<string?> _resume = new("--resume") { Description = "Go on from a checkpoint", HelpName = "FILE" };
    private readonly Option<string?> _out = new("--out") { Description = "Where weights, checkpoint and log.csv are written; runs/NAME when not given", HelpName = "DIR" };
    private readonly Option<string?> _html = new("--html") { Description = "Write a self-contained page with the curves; it renews itself while the training runs", HelpName = "FILE" };
    private readonly Option<bool> _sanity = new("--sanity") { Description = "Look for the usual mistakes instead of training: initial loss, overfitting a small batch, gradients" };
    private readonly Option<bool> _noFuse = new("--no-fuse") { Description = "Run every node by itself" };

    private readonly Option<bool> _profile = new("--profile") { Description = "Time every call of the first plan on the device and report the least times" };

    protected override string Name => "train";

    protected override string Description => "Trains a model by a recipe: forward, backward and update are one recording, replayed for every step. Ctrl-C saves and stops.";

    protected override bool SavesWhenInterrupted => true;

    protected override IReadOnlyList<string> Examples => ["vknet train examples/basics/xor.train.yaml", "vknet train examples/digits/lenet.train.yaml --out runs/digits --html runs/digits.html", "vknet train examples/digits/lenet.train.yaml --set optimizer.lr=0.003 --set epochs=2", "vknet train examples/digits/lenet.train.yaml --resume runs/digits/checkpoint.safetensors", "vknet train examples/digits/lenet.train.yaml --sanity"];

    protected override IEnumerable<Symbol> Symbols => [_recipe, _set, _data, _resume, _out, _html, _sanity, _noFuse, _profile];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var resume = arguments.GetValue(_resume) is { } file ? Checkpoint.Load(file) : null;
        var recipe = RecipeLoader.Load(arguments.GetValue(_recipe)!, arguments.GetValue(_set), arguments.GetValue(_data));
        // Until the first step there is nothing to save.
        using var end = new PromptEnd(Error, cancellation);
        using var device = OpenDevice(arguments);
        if (arguments.GetValue(_sanity)) return Inspect(arguments, device, recipe, cancellation);
        var folder = arguments.GetValue(_out) ?? Path.Combine("runs", recipe.Name);
        var json = arguments.GetValue(CommonOptions.Json);
        var line = new TrainingBar(Error, [.. recipe.Metrics.Select(m => m.Key)]);
        TrainingLog? log = null;
        var html = arguments.GetValue(_html);
        double[]? least = null;
        Trainer? running = null;
        using var trainer = running = new Trainer(device, recipe, new TrainerOptions
        {
            Profile = arguments.GetValue(_profile),
            OutputFolder = folder,
            Resume = resume,
            Configure = arguments.GetValue(_noFuse) ? o => o with { Fuse = false } : null,
            MeasuresUpdates = html is not null,
            Note = note => Error.WriteLine($"note: {note}"),
            Progress = progress =>
            {
                log?.Add(progress);
                line.Show(progress);
                if (running?.LastTimings is { } timings) least = [.. timings.Select((t, i) => Math.Min(t, least?[i] ?? t))];
                if (json && progress.Iteration % Math.Max(1, progress.Iterations / 100) == 0) WriteEvent(progress, recipe);
            },
            EpochDone = epoch =>
            {
                log?.Add(epoch);
                line.Line(Describe(epoch, recipe));
                if (html is not null) TrainingPage.Save(html, recipe, device.Profile.Name, log!, null);
            },
        });
        Announce(recipe, trainer);
        using (log = new TrainingLog(recipe, Path.Combine(folder, "log.csv"), resume?.Iteration))
        {
            // There from the start, to be watched; and a page that cannot be written is better known before the first epoch than after it.
            if (html is not null) TrainingPage.Save(html, recipe, device.Profile.Name, log, null);
            end.Dispose();
            cancellation.ThrowIfCancellationRequested();
            var outcome = trainer.Run(cancellation);
            if (html is not null) TrainingPage.Save(html, recipe, device.Profile.Name, log, outcome);
            Report(outcome, json, line, recipe.Model.Inputs.Select(i => i.Name));
            if (least is not null) ProfileReport.Write(Error, trainer.Plans[0].Value.Main.Calls, least);
            return outcome.End == TrainingEnd.Cancelled ? CommandLine.Cancelled : 0;
        }
    }

    private int Inspect(ParseResult arguments, ComputeDevice device, Recipe recipe, CancellationToken cancellation)
    {
        var findings = SanityCheck.Run(device, recipe, cancellation);
        if (arguments.GetValue(CommonOptions.Json))
            JsonReport.Write(Output, json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("sanity");
                foreach (var finding in findings)
                {
                    json.WriteStartObject();
                    json.WriteString("check", finding.Check);
                    json.WriteBoolean("passed", finding.Passed);
                    json.WriteString("text", finding.Text);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            });
        else
            foreach (var finding in findings) Output.WriteLine($"{(finding.Passed ? "ok  " : "FAIL")} {finding.Check}: {finding.Text}");
        return findings.All(f => f.Passed) ? 0 : (int)ErrorKind.Check;
    }

    private void Announce(Recipe recipe, Trainer trainer)
    {
        foreach (var (name, plan) in trainer.Plans)
            Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recipe.Name}{(trainer.Plans.Count > 1 ? " " + name : "")}: a step is {plan.Main.Dispatches} dispatches and {plan.Main.Barriers} barriers, {ByteCount.Format(plan.Memory.PlannedBytes)} of activations, {ByteCount.Format(plan.Memory.WeightBytes)} of weights"));
        Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recipe.Data.Train.Source.Count:N0} training examples, {trainer.Iterations:N0} iterations of {recipe.Batch}{(trainer.Iteration > 0 ? $", going on after {trainer.Iteration:N0}" : "")}"));
    }

    private void WriteEvent(TrainingProgress progress, Recipe recipe) => JsonReport.Write(Output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("step", progress.Iteration);
        json.WriteNumber("epoch", progress.Epoch);
        json.WriteReal("loss", progress.Loss);
        json.WriteReal("smoothedLoss", progress.SmoothedLoss);
        json.WriteStartObject("metrics");
        for (var i = 0; i < recipe.Metrics.Count; i++) json.WriteReal(recipe.Metrics[i].Key, progress.Metrics.Span[i]);
        json.WriteEndObject();
        json.WriteReal("learningRate", progress.LearningRate);
        json.WriteReal("samplesPerSecond", progress.SamplesPerSecond);
        json.WriteEndObject();
    }, indented: false);

    private void Report(TrainingOutcome outcome, bool json, TrainingBar line, IEnumerable<string> inputs)
    {
        if (json)
            JsonReport.Write(Output, writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartObject("final");
                writer.WriteReal("loss", outcome.Train.Loss);
                Write(writer, "train", outcome.Train);
                Write(writer, "validation", outcome.Validation);
                Write(writer, "test", outcome.Test);
                writer.WriteEndObject();
                writer.WriteString("end", outcome.End switch { TrainingEnd.Cancelled => "cancelled", TrainingEnd.StoppedEarly => "stopped early", _ => "finished" });
                writer.WriteNumber("step", outcome.Iterations);
                writer.WriteString("checkpoint", outcome.CheckpointFile);
                writer.WriteString("weights", outcome.WeightsFile);
                writer.WriteEndObject();
            }, indented: false);
        line.Line(outcome.End switch
        {
            TrainingEnd.Cancelled => $"interrupted after {outcome.Iterations} iterations; go on with: --resume {outcome.CheckpointFile}",
            TrainingEnd.StoppedEarly => $"stopped after {outcome.Iterations} iterations without further improvement; the best weights are kept",
            _ => $"finished after {outcome.Iterations} iterations",
        });
        if (json) return;
        Output.WriteLine($"train: {Describe(outcome.Train)}");
        if (outcome.Validation is { } validation) Output.WriteLine($"validation: {Describe(validation)}");
        if (outcome.Test is { } test) Output.WriteLine($"test: {Describe(test)}");
        Output.WriteLine($"weights: {outcome.WeightsFile}");
        if (outcome.WeightsFile is { } weights) line.Line($"use them: vknet run GRAPH --weights {weights}{string.Concat(inputs.Select(i => $" --input {i}=FILE"))}");
    }

    private static void Write(Utf8JsonWriter json, string name, Figures? figures)
    {
        if (figures is null) return;
        json.WriteStartObject(name);
        json.WriteReal("loss", figures.Loss);
        foreach (var (metric, value) in figures.Metrics) json.WriteReal(metric, value);
        json.WriteEndObject();
    }

    private static string Describe(Figures figures) => string.Join("  ", ((IEnumerable<KeyValuePair<string, double>>)[new(TrainingGraph.LossName, figures.Loss), .. figures.Metrics]).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:0.00000}")));

    private static string Describe(EpochReport epoch, Recipe recipe) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {epoch.Epoch}: train {Describe(epoch.Train)}{(epoch.Validation is { } v ? $" | {(recipe.Data.Validation is null ? "test" : "validation")} {Describe(v)}" : "")}{(epoch.IsBest ? " (best)" : "")}  {epoch.Elapsed.TotalSeconds:0.0} s");
}
