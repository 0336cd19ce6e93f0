namespace VkNet.Training;

/// <summary>Half a cosine from 1 to a minimum over each period, then a restart with a longer one: Loshchilov and Hutter, 2017.</summary>
/// <param name="Period">Time of the first descent.</param>
/// <param name="PeriodFactor">How much longer each period is than the one before.</param>
/// <param name="Minimum">The factor at the end of a period.</param>
/// <param name="Restarts">Whether the rate rises again; else it stays at the minimum after the first period.</param>
public sealed record CosineSchedule(double Period, double PeriodFactor, double Minimum, bool Restarts) : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double At(double time)
    {
        var period = Period;
        if (!Restarts) time = Math.Min(time, period);
        else if (PeriodFactor == 1) time %= period;
        else
        {
            // Periods are a geometric series: the number of whole ones that have passed has a closed form.
            var passed = Math.Floor(Math.Log(1 + time / period * (PeriodFactor - 1)) / Math.Log(PeriodFactor));
            time -= period * (Math.Pow(PeriodFactor, passed) - 1) / (PeriodFactor - 1);
            period *= Math.Pow(PeriodFactor, passed);
        }
        return Minimum + (1 - Minimum) * 0.5 * (1 + Math.Cos(Math.PI * Math.Clamp(time / period, 0, 1)));
    }
}
