using System.Globalization;
using System.Text;
using VkNet.Runner.Pages;
using VkNet.Training;

namespace VkNet.Runner.Training;

/// <summary>The page of <c>vknet train --html</c>: curves of the loss, the metrics and the learning rate. It renews itself while the training runs.</summary>
internal static class TrainingPage
{
    internal static void Save(string path, Recipe recipe, string device, TrainingLog log, TrainingOutcome? outcome)
    {
        var page = new HtmlPage($"{recipe.Name}: training on {device}") { RefreshSeconds = outcome is null ? 5 : null };
        page.Paragraph(outcome switch
        {
            null => "The training is running; this page renews itself.",
            { End: TrainingEnd.Cancelled } => $"Interrupted after {outcome.Iterations} iterations; it can be resumed.",
            { End: TrainingEnd.StoppedEarly } => $"Stopped after {outcome.Iterations} iterations without further improvement.",
            _ => $"Finished after {outcome.Iterations} iterations.",
        });
        var last = log.Epochs.LastOrDefault();
        var tiles = new List<(string, string)>();
        if (last is not null) Tiles(tiles, outcome?.Train ?? last.Train, "training");
        var validated = recipe.Data.Validation is not null;
        if ((outcome?.Validation ?? (validated ? last?.Validation : null)) is { } validation) Tiles(tiles, validation, "validation");
        if ((outcome?.Test ?? (validated ? null : last?.Validation)) is { } test) Tiles(tiles, test, "test");
        if (last is not null) tiles.Add((Time(last.Elapsed), "time"));
        page.Tiles([.. tiles]);
        var name = validated ? "validation" : "test";
        page.Heading("Loss").Raw(CurveChart.Draw("step", "loss",
            new CurveChart.Curve("each step", [.. log.Steps.Select(s => (s.Step, s.Loss))], "soft"),
            new CurveChart.Curve("training, mean of the epoch", [.. log.Epochs.Select(e => ((double)e.Iteration, e.Train.Loss))], "accent"),
            new CurveChart.Curve(name, [.. log.Epochs.Where(e => e.Validation is not null).Select(e => ((double)e.Iteration, e.Validation!.Loss))], "accent2")));
        foreach (var metric in log.Metrics)
            page.Heading(metric).Raw(CurveChart.Draw("step", metric,
                new CurveChart.Curve("training, mean of the epoch", [.. log.Epochs.Select(e => ((double)e.Iteration, e.Train[metric]))], "accent"),
                new CurveChart.Curve(name, [.. log.Epochs.Where(e => e.Validation is not null).Select(e => ((double)e.Iteration, e.Validation![metric]))], "accent2")));
        page.Heading("Learning rate").Raw(CurveChart.Draw("step", "learning rate", new CurveChart.Curve("learning rate", [.. log.Steps.Select(s => (s.Step, s.Rate))], "accent3")));
        if (last is { UpdateRatios.Count: > 0 })
            page.Heading("Update to weight").Paragraph("How far the last step of the epoch moved each parameter in relation to its size; about 0.001 is healthy.")
                .Table(["parameter", "#ratio"], last.UpdateRatios.Select(r => (IReadOnlyList<string>)[r.Key, r.Value.ToString("0.0e+0", CultureInfo.InvariantCulture)]));
        page.Heading("Epochs").Table(
            ["#epoch", "#step", "#training loss", .. log.Metrics.Select(m => "#training " + m), $"#{name} loss", .. log.Metrics.Select(m => $"#{name} {m}"), "#learning rate", "#time"],
            log.Epochs.Select(e => (IReadOnlyList<string>)
            [
                Whole(e.Epoch), Whole(e.Iteration), Number(e.Train.Loss), .. e.Train.Metrics.Select(m => Number(m.Value)),
                e.Validation is null ? "" : Number(e.Validation.Loss), .. log.Metrics.Select(m => e.Validation is null ? "" : Number(e.Validation[m])), Number(e.LearningRate), Time(e.Elapsed),
            ]));
        page.Save(path);
    }

    private static void Tiles(List<(string, string)> tiles, Figures figures, string part)
    {
        tiles.Add((Number(figures.Loss), $"{part} loss"));
        foreach (var (name, value) in figures.Metrics) tiles.Add((Number(value), $"{part} {name}"));
    }

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(TimeSpan time) => time.TotalMinutes < 1 ? time.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture) : time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
}
