using VkNet.Training;

namespace VkNet.Tests.Training;

internal sealed class ScheduleTests
{
    [Test]
    public void Step() => Follows(new StepSchedule(2, [], 0.5), (0, 1), (19, 1), (20, 0.5), (39, 0.5), (40, 0.25));

    [Test]
    public void Steps_at_given_times() => Follows(new StepSchedule(1, [1, 3], 0.1), (9, 1), (10, 0.1), (29, 0.1), (30, 0.01), (99, 0.01));

    [Test]
    public void Exponential() => Follows(new ExponentialSchedule(0.25), (0, 1), (5, 0.5), (10, 0.25), (20, 0.0625));

    [Test]
    public void Inverse_time() => Follows(new InverseTimeSchedule(2), (0, 1), (5, 0.5), (10, 1 / 3.0));

    [Test]
    public void Cosine_ends_at_its_minimum() => Follows(new CosineSchedule(4, 1, 0.1, false), (0, 1), (20, 0.55), (40, 0.1), (90, 0.1));

    [Test]
    public void Cosine_with_warm_restarts() => Follows(new CosineSchedule(1, 2, 0, true), (0, 1), (5, 0.5), (10, 1), (20, 0.5), (30, 1), (50, 0.5), (70, 1));

    [Test]
    public void Cosine_restarts_of_equal_length() => Follows(new CosineSchedule(2, 1, 0, true), (0, 1), (10, 0.5), (20, 1), (30, 0.5), (40, 1));

    [Test]
    public void Warm_up_rises_to_the_rate_and_the_schedule_begins_after_it() =>
        Follows(new StepSchedule(1, [], 0.5) { WarmUp = 1 }, (0, 0.1), (4, 0.5), (9, 1), (10, 1), (19, 1), (20, 0.5));

    [Test]
    public void Time_in_steps() => Follows(new StepSchedule(3, [], 0.5) { InSteps = true, WarmUp = 2 }, (0, 0.5), (1, 1), (2, 1), (4, 1), (5, 0.5));

    // Epochs of ten steps.
    private static void Follows(LearningRateSchedule schedule, params (long Step, double Factor)[] expected)
    {
        foreach (var (step, factor) in expected) Assert.That(schedule.Factor(step, 10), Is.EqualTo(factor).Within(1e-12), $"step {step}");
    }
}
