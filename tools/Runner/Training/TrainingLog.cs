using System.Globalization;
using System.Text;
using VkNet.Formats;
using VkNet.Training;

namespace VkNet.Runner.Training;

/// <summary>
/// Gathers the curves of a training: every step's loss, thinned out so that a long training takes no more memory than a short one, and
/// every epoch's figures. Rows are also written to a CSV file as they come.
/// </summary>
internal sealed class TrainingLog : IDisposable
{
    private const int MostPoints = 1200;
    private readonly string _file;
    private readonly StreamWriter? _csv;
    private readonly List<(double Step, double Loss, double Rate)> _steps = [];
    private long _interval = 1;
    private double _sum;
    private int _count;

    /// <summary>Begins a log, or goes on with the one there is.</summary>
    /// <param name="recipe">What is carried out.</param>
    /// <param name="csv">The CSV file; null for none.</param>
    /// <param name="resumed">The iteration that the training goes on from; null when it begins. What a killed training wrote after it is taken out.</param>
    internal TrainingLog(Recipe recipe, string? csv, long? resumed)
    {
        Metrics = [.. recipe.Metrics.Select(m => m.Key)];
        _file = csv ?? "";
        if (csv is null) return;
        try
        {
            var kept = resumed is { } iteration && File.Exists(csv) ? Kept(csv, iteration) : [];
            if (kept.Count == 0) kept.Add(string.Join(',', ["part", "step", "epoch", "loss", .. Metrics, "learning_rate", "seconds"]));
            AtomicFile.WriteAllText(csv, string.Join('\n', kept) + '\n');
            _csv = new StreamWriter(csv, append: true, new UTF8Encoding(false));
        }
        catch (Exception e) when (FileFault.IsFromFileSystem(e))
        {
            throw FileFault.Writing(csv, e);
        }
    }

    internal IReadOnlyList<string> Metrics { get; }

    /// <summary>Mean losses over equal numbers of steps, with the learning rate.</summary>
    internal IReadOnlyList<(double Step, double Loss, double Rate)> Steps => _steps;

    /// <summary>The epochs.</summary>
    internal List<EpochReport> Epochs { get; } = [];

    internal void Add(in TrainingProgress progress)
    {
        if (!double.IsFinite(progress.Loss)) return;
        _sum += progress.Loss;
        if (++_count < _interval) return;
        _steps.Add((progress.Iteration, _sum / _count, progress.LearningRate));
        (_sum, _count) = (0, 0);
        if (_steps.Count < MostPoints) return;
        for (var i = 0; i < MostPoints / 2; i++) _steps[i] = (_steps[2 * i + 1].Step, (_steps[2 * i].Loss + _steps[2 * i + 1].Loss) / 2, _steps[2 * i + 1].Rate);
        _steps.RemoveRange(MostPoints / 2, MostPoints - MostPoints / 2);
        _interval *= 2;
    }

    internal void Add(EpochReport epoch)
    {
        Epochs.Add(epoch);
        Row("train", epoch.Iteration, epoch.Epoch, epoch.Train, epoch.LearningRate, epoch.Elapsed);
        if (epoch.Validation is { } validation) Row("validation", epoch.Iteration, epoch.Epoch, validation, epoch.LearningRate, epoch.Elapsed);
    }

    public void Dispose()
    {
        try
        {
            _csv?.Dispose();
        }
        catch (IOException)
        {
            // A line that could not be written has been reported already.
        }
    }

    // The header and the rows up to an iteration; the last line of a killed training may end anywhere.
    private static List<string> Kept(string csv, long iteration)
    {
        var lines = File.ReadAllLines(csv);
        if (lines.Length == 0) return [];
        var columns = lines[0].Split(',').Length;
        return [lines[0], .. lines.Skip(1).Select(l => l.Split(',')).Where(c => c.Length == columns && long.TryParse(c[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step <= iteration).Select(c => string.Join(',', c))];
    }

    private void Row(string part, long step, long epoch, Figures figures, double rate, TimeSpan elapsed)
    {
        double[] numbers = [figures.Loss, .. figures.Metrics.Select(m => m.Value), rate, elapsed.TotalSeconds];
        Write(string.Join(',', [part, step.ToString(CultureInfo.InvariantCulture), epoch.ToString(CultureInfo.InvariantCulture), .. numbers.Select(n => n.ToString("G9", CultureInfo.InvariantCulture))]));
    }

    private void Write(string line)
    {
        if (_csv is null) return;
        try
        {
            _csv.WriteLine(line);
            _csv.Flush();
        }
        catch (IOException e)
        {
            throw FileFault.Writing(_file, e);
        }
    }
}
