namespace VkNet.Training;

/// <summary>The loss and the metrics over some examples.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Metrics">The mean metrics by name, in the recipe's order.</param>
public sealed record Figures(double Loss, IReadOnlyList<KeyValuePair<string, double>> Metrics)
{
    /// <summary>The loss or a metric by its name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public double this[string name] => name == TrainingGraph.LossName ? Loss
        : Metrics.Any(m => m.Key == name) ? Metrics.First(m => m.Key == name).Value
        : throw new ArgumentException($"there is no figure '{name}': {Suggestion.For(name, Metrics.Select(m => m.Key))}", nameof(name));
}
