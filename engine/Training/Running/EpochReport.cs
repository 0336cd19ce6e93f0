namespace VkNet.Training;

/// <summary>What an epoch came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Train">Means over the epoch's steps, each from before its update.</param>
/// <param name="Validation">Of the validation data, or of the test data where there are none; null without either.</param>
/// <param name="LearningRate">The first plan's learning rate in the last step.</param>
/// <param name="IsBest">Whether the figure that early stopping watches is the best so far.</param>
/// <param name="Elapsed">Time since the training was started or resumed.</param>
public sealed record EpochReport(long Epoch, long Iteration, Figures Train, Figures? Validation, double LearningRate, bool IsBest, TimeSpan Elapsed)
{
    /// <summary>Norm of the last step's change of each parameter divided by the parameter's norm; empty unless it is measured. About 1e-3 is healthy.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> UpdateRatios { get; init; } = [];
}
