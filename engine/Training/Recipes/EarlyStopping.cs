namespace VkNet.Training;

/// <summary>Stops a training that no longer improves, and keeps the best snapshot of its weights.</summary>
/// <param name="Metric">The figure watched: <c>loss</c> or a metric, of the validation data where there are any.</param>
/// <param name="Patience">Epochs without improvement that are accepted.</param>
/// <param name="MinimumChange">How much better a figure must be to count as improvement.</param>
/// <param name="Maximise">Whether larger is better.</param>
public sealed record EarlyStopping(string Metric, int Patience, double MinimumChange, bool Maximise)
{
    /// <summary>Whether a metric of that name is better when larger, as far as names go.</summary>
    public static bool IsLargerBetter(string metric) =>
        !SmallerIsBetter.Any(word => metric.Contains(word, StringComparison.Ordinal));

    private static readonly string[] SmallerIsBetter = ["loss", "error", "perplexity", "distance", "difference", "deviation"];
}
