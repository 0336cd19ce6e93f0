namespace VkNet.Training;

/// <summary>1/t decay: 1 / (1 + decay t).</summary>
/// <param name="Decay">How fast.</param>
public sealed record InverseTimeSchedule(double Decay) : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double At(double time) => 1 / (1 + Decay * time);
}
