namespace VkNet.Training;

/// <summary>The rate stays as it is.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double At(double time) => 1;
}
