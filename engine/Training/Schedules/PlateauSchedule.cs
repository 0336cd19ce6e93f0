namespace VkNet.Training;

/// <summary>The rate is multiplied by a factor whenever a figure has not improved for some epochs. The trainer counts; by itself the rate is constant.</summary>
/// <param name="Metric">The figure watched: <c>loss</c> or a metric, of the validation data where there are any.</param>
/// <param name="Patience">Epochs without improvement that are accepted.</param>
/// <param name="Multiplier">The factor.</param>
/// <param name="Minimum">The smallest factor reached.</param>
public sealed record PlateauSchedule(string Metric, int Patience, double Multiplier, double Minimum) : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double At(double time) => 1;
}
