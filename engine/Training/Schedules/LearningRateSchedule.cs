namespace VkNet.Training;

/// <summary>How the learning rate changes as a training proceeds. Time is counted in epochs, or in steps where <see cref="InSteps"/> says so.</summary>
public abstract record LearningRateSchedule
{
    /// <summary>The rate stays as it is.</summary>
    public static LearningRateSchedule Constant { get; } = new ConstantSchedule();

    /// <summary>Whether time is counted in steps.</summary>
    public bool InSteps { get; init; }

    /// <summary>Time over which the rate first rises in a straight line from nothing; 0 for none.</summary>
    public double WarmUp { get; init; }

    /// <summary>Factor on the optimizer's rate for a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="stepsPerEpoch">Steps in an epoch.</param>
    public double Factor(long step, long stepsPerEpoch)
    {
        var time = InSteps ? step : (double)step / stepsPerEpoch;
        // The first step of a warm-up moves already: step n of m has the share (n + 1) / m.
        var share = WarmUp > 0 ? Math.Min(1, (time + (InSteps ? 1 : 1.0 / stepsPerEpoch)) / WarmUp) : 1;
        return share * At(Math.Max(0, time - WarmUp));
    }

    /// <summary>The factor at a time after the warm-up.</summary>
    protected abstract double At(double time);
}
