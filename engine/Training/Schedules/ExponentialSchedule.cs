namespace VkNet.Training;

/// <summary>The rate is multiplied by a factor in every unit of time, continuously: factor^t.</summary>
/// <param name="Multiplier">The factor.</param>
public sealed record ExponentialSchedule(double Multiplier) : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double At(double time) => Math.Pow(Multiplier, time);
}
