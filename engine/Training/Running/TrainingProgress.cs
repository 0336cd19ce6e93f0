namespace VkNet.Training;

/// <summary>Where a training stands after an iteration. Nothing is allocated for it; the metrics are overwritten by the next one.</summary>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Iterations">Iterations in all, if it does not stop early.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The loss of the newest step whose result is in, which is at most a few steps old.</param>
/// <param name="SmoothedLoss">Running average of the loss, 0.999 of which is kept in a step.</param>
/// <param name="Metrics">The metrics of that step, in the recipe's order.</param>
/// <param name="LearningRate">The first plan's learning rate.</param>
/// <param name="Samples">Examples seen since the training was started or resumed.</param>
/// <param name="Elapsed">Time since then.</param>
public readonly record struct TrainingProgress(long Iteration, long Iterations, long Epoch, double Loss, double SmoothedLoss, ReadOnlyMemory<double> Metrics, double LearningRate, long Samples, TimeSpan Elapsed)
{
    /// <summary>Examples a second since the training was started or resumed.</summary>
    public double SamplesPerSecond => Samples / Math.Max(1e-9, Elapsed.TotalSeconds);
}
