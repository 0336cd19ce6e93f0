using VkNet.Compilation;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>One plan of a training: its session, and the sums of what it reports.</summary>
internal sealed class PlanRunner : IDisposable
{
    private readonly Queue<long> _running = new();
    private readonly double[] _sums;
    private readonly int _patience;
    private int _failed;

    /// <summary>A plan that has run nothing yet.</summary>
    /// <param name="step">What the recipe says of it.</param>
    /// <param name="session">Runs it.</param>
    /// <param name="patience">Losses in succession that may be not finite once one was: those of a line search whose trials went too far.</param>
    internal PlanRunner(RecipeStep step, TrainingSession session, int patience)
    {
        (Step, Session, _patience) = (step, session, patience);
        _sums = new double[2 + session.Graph.Metrics.Count];
        LastMetrics = new double[session.Graph.Metrics.Count];
    }

    internal RecipeStep Step { get; }

    internal TrainingSession Session { get; }

    /// <summary>The newest loss.</summary>
    internal double LastLoss { get; private set; } = double.NaN;

    /// <summary>Running average of the loss.</summary>
    internal double SmoothedLoss { get; set; } = double.NaN;

    /// <summary>The metrics of the newest step.</summary>
    internal double[] LastMetrics { get; }

    /// <summary>Steps, sum of the losses and sums of the metrics since the last reset.</summary>
    internal Span<double> Sums => _sums;

    internal IEnumerable<string> Kernels => Session.Plan.Main.Calls.OfType<DispatchCall>().Select(c => $"{c.Kernel} {c.Descriptor.Variant}");

    /// <summary>Submits a step; the oldest one in flight is completed first where there is no room.</summary>
    /// <returns>The iteration of a completed step whose loss is not finite and no trial of a line search; null where all is well.</returns>
    internal long? Submit(long iteration, Tensor[] batch)
    {
        var bad = Session.CanSubmit ? null : Complete();
        if (bad is not null) return bad;
        Session.Submit(batch);
        _running.Enqueue(iteration);
        return null;
    }

    /// <summary>Completes every step in flight.</summary>
    /// <returns>As <see cref="Submit"/>.</returns>
    internal long? Drain()
    {
        long? bad = null;
        while (Session.InFlight > 0) bad ??= Complete();
        return bad;
    }

    /// <summary>Means since the last reset.</summary>
    internal Figures Means() => new(_sums[1] / _sums[0], [.. Session.Graph.Metrics.Select((name, i) => new KeyValuePair<string, double>(name, _sums[2 + i] / _sums[0]))]);

    internal void Reset() => Array.Clear(_sums);

    public void Dispose() => Session.Dispose();

    private long? Complete()
    {
        var result = Session.Complete();
        var iteration = _running.Dequeue();
        LastLoss = result.Loss;
        _failed = double.IsFinite(LastLoss) ? 0 : _failed + 1;
        if (_failed > 0 && (iteration == 0 || _failed > _patience)) return iteration;
        if (_failed == 0) SmoothedLoss = double.IsNaN(SmoothedLoss) ? LastLoss : 0.999 * SmoothedLoss + 0.001 * LastLoss;
        _sums[0]++;
        _sums[1] += LastLoss;
        for (var i = 0; i < LastMetrics.Length; i++) _sums[2 + i] += LastMetrics[i] = result.Metric(i);
        return null;
    }
}
