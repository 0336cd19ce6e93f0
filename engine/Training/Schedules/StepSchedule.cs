namespace VkNet.Training;

/// <summary>The rate is multiplied by a factor at certain times: after every so many epochs, or at those listed.</summary>
/// <param name="Interval">Time between changes; used where <paramref name="Times"/> is empty.</param>
/// <param name="Times">The times of the changes.</param>
/// <param name="Multiplier">The factor.</param>
public sealed record StepSchedule(double Interval, IReadOnlyList<double> Times, double Multiplier) : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double At(double time) => Math.Pow(Multiplier, Times.Count > 0 ? Times.Count(t => time >= t) : Math.Floor(time / Interval));
}
