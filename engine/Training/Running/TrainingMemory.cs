using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>What a training remembers from epoch to epoch: the best figure and its weights, how long it has not improved, the plateau's factor.</summary>
internal sealed class TrainingMemory(Recipe recipe)
{
    private const int Fixed = 5;
    private readonly PlateauSchedule? _plateau = recipe.Steps.Select(s => s.Schedule).OfType<PlateauSchedule>().FirstOrDefault();
    private double _best = double.NaN;
    private double _waited;
    private double _plateauBest = double.NaN;
    private double _plateauWaited;

    /// <summary>The plateau's factor on all learning rates.</summary>
    internal double RateFactor { get; private set; } = 1;

    /// <summary>The best weights so far; null where early stopping is off.</summary>
    internal IReadOnlyDictionary<string, Tensor>? Best { get; private set; }

    /// <summary>The figures of the last whole epoch; null before the end of the first.</summary>
    internal Figures? LastEpoch { get; set; }

    internal bool ShouldStop => recipe.EarlyStopping is { } stopping && _waited >= stopping.Patience;

    /// <summary>How many numbers it saves.</summary>
    internal int Count => Fixed + 1 + recipe.Metrics.Count;

    /// <summary>Takes note of an epoch's figures.</summary>
    /// <returns>Whether the watched figure is the best so far.</returns>
    internal bool Note(Figures figures, Func<IReadOnlyDictionary<string, Tensor>> weights)
    {
        var improved = false;
        if (recipe.EarlyStopping is { } stopping)
        {
            var figure = figures[stopping.Metric];
            improved = IsBetter(figure, _best, stopping.Maximise, stopping.MinimumChange);
            if (improved) (_best, _waited, Best) = (figure, 0, weights());
            else _waited++;
        }
        if (_plateau is not null)
        {
            var figure = figures[_plateau.Metric];
            if (IsBetter(figure, _plateauBest, EarlyStopping.IsLargerBetter(_plateau.Metric), 0)) (_plateauBest, _plateauWaited) = (figure, 0);
            else if (++_plateauWaited > _plateau.Patience)
            {
                RateFactor = Math.Max(_plateau.Minimum, RateFactor * _plateau.Multiplier);
                _plateauWaited = 0;
            }
        }
        return improved;
    }

    internal IEnumerable<double> Save() =>
        [_best, _waited, _plateauBest, _plateauWaited, RateFactor, LastEpoch?.Loss ?? double.NaN, .. recipe.Metrics.Select(m => LastEpoch?[m.Key] ?? double.NaN)];

    internal void Load(Queue<double> counters, IReadOnlyDictionary<string, Tensor> tensors)
    {
        (_best, _waited, _plateauBest, _plateauWaited, RateFactor) = (counters.Dequeue(), counters.Dequeue(), counters.Dequeue(), counters.Dequeue(), counters.Dequeue());
        var loss = counters.Dequeue();
        var figures = new Figures(loss, [.. recipe.Metrics.Select(m => new KeyValuePair<string, double>(m.Key, counters.Dequeue()))]);
        LastEpoch = double.IsNaN(loss) ? null : figures;
        var best = tensors.Where(t => t.Key.StartsWith(Checkpoint.BestPrefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[Checkpoint.BestPrefix.Length..], t => t.Value, StringComparer.Ordinal);
        Best = best.Count > 0 ? best : null;
    }

    private static bool IsBetter(double figure, double best, bool larger, double change) =>
        double.IsFinite(figure) && (double.IsNaN(best) || (larger ? figure > best + change : figure < best - change));
}
