using VkNet.Graphs;
using VkNet.Operators.Normalization;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Normalization;

/// <summary>Numbers and gradients of normalisations, on the host.</summary>
internal sealed class NormalizationTests
{
    private static AttributeSet Axis(long axis) => AttributeSet.Empty.With(NormalizationAttributes.Axis, axis);

    [Test]
    public void A_batch_is_normalised_by_its_own_statistics_in_training()
    {
        // Columns 1 2 3 4 and 2 4 6 8: means 2.5 and 5, variances (divided by N) 1.25 and 5.
        var x = Tensor.From([1f, 2, 2, 4, 3, 6, 4, 8], 4, 2);
        Tensor Two(float a, float b) => Tensor.From([a, b], 2);
        var attributes = AttributeSet.Empty.With(BatchNorm.Mode, "train").With(BatchNorm.Momentum, 0.9).With(NormalizationAttributes.Epsilon, 0);
        var y = OnHost.Run("batch_norm", attributes, x, Two(1, 2), Two(0, 1), Two(1, 1), Two(1, 1));
        var unit = 1 / Math.Sqrt(1.25);
        Assert.That(y[0].ToArray<float>(), Is.EqualTo(new[] { -1.5, -1.5, -0.5, -0.5, 0.5, 0.5, 1.5, 1.5 }.Select((v, i) => (float)(i % 2 == 0 ? v * unit : 2 * v * unit + 1))).Within(1e-6f));
        Assert.That(y[1].ToArray<float>(), Is.EqualTo(new[] { 0.9f + 0.25f, 0.9f + 0.5f }).Within(1e-6f));
        Assert.That(y[2].ToArray<float>(), Is.EqualTo(new[] { 0.9f + 0.125f, 0.9f + 0.5f }).Within(1e-6f));
    }

    [Test]
    public void A_scale_of_the_deviation_and_a_bias_of_the_mean_recover_the_input()
    {
        var x = TestTensors.Reals(1, [2, 3, 4, 5]);
        var plain = OnHost.Run("batch_norm", AttributeSet.Empty.With(BatchNorm.Mode, "train"), x, TestTensors.Repeat([3], 1), TestTensors.Repeat([3], 0), TestTensors.Repeat([3], 0), TestTensors.Repeat([3], 0));
        var (mean, variance) = (plain[1].ToArray<float>().Select(v => v * 10).ToArray(), plain[2].ToArray<float>().Select(v => v * 10).ToArray());
        var scale = Tensor.From(variance.Select(v => (float)Math.Sqrt(v + 1e-5)).ToArray(), 3);
        var back = OnHost.Reals("batch_norm", AttributeSet.Empty.With(BatchNorm.Mode, "train"), x, scale, Tensor.From(mean, 3), TestTensors.Repeat([3], 0), TestTensors.Repeat([3], 0));
        Assert.That(back, Is.EqualTo(x.ToArray<float>()).Within(1e-5f));
    }

    [Test]
    public void Groups_lie_between_layers_and_instances()
    {
        var x = TestTensors.Reals(1, [2, 4, 3, 3]);
        AttributeSet Groups(long groups) => AttributeSet.Empty.With(GroupNorm.Groups, groups);
        Assert.That(OnHost.Reals("group_norm", Groups(4), x), Is.EqualTo(OnHost.Reals("instance_norm", null, x)).Within(1e-6f));
        Assert.That(OnHost.Reals("group_norm", Groups(1), x), Is.EqualTo(OnHost.Reals("layer_norm", Axis(1), x)).Within(1e-6f));
    }

    [Test]
    public void A_large_mean_costs_no_accuracy()
    {
        var x = Tensor.From([10000f, 10001, 10002, 10003], 1, 4);
        Assert.That(OnHost.Reals("layer_norm", AttributeSet.Empty.With(NormalizationAttributes.Epsilon, 0), x), Is.EqualTo(new[] { -1.3416408f, -0.4472136f, 0.4472136f, 1.3416408f }).Within(1e-5f));
    }

    [Test]
    public void What_is_all_zero_stays_zero()
    {
        var x = Tensor.From([0f, 0, 3, 4], 2, 2);
        Assert.That(OnHost.Reals("lp_norm", null, x), Is.EqualTo(new[] { 0, 0, 0.6f, 0.8f }).Within(1e-6f));
        Assert.That(OnHost.Reals("lp_norm", AttributeSet.Empty.With(LpNorm.P, 1).With(LpNorm.Axis, 0), x), Is.EqualTo(new[] { 0f, 0, 1, 1 }));
    }

    [Test]
    public void Gradients()
    {
        var x = TestTensors.Smooth(1, [2, 4, 3, 2]);
        Tensor Four(int seed) => TestTensors.Reals(seed, [4], 0.5, 2);
        GradientTester.Check("batch_norm", null, 1e-5, x, Four(2), Four(3), Four(4), Four(5));
        GradientTester.Check("layer_norm", Axis(-2), 1e-5, x, TestTensors.Reals(2, [3, 2]), TestTensors.Reals(3, [3, 2]));
        GradientTester.Check("layer_norm", Axis(1), 1e-5, x);
        GradientTester.Check("rms_norm", Axis(-1), 1e-5, x, TestTensors.Reals(2, [2]));
        GradientTester.Check("group_norm", AttributeSet.Empty.With(GroupNorm.Groups, 2), 1e-5, x, Four(2), Four(3));
        GradientTester.Check("instance_norm", null, 1e-5, x, Four(2), Four(3));
        GradientTester.Check("mean_variance_norm", null, 1e-5, x);
        GradientTester.Check("mean_variance_norm", AttributeSet.Empty.With(MeanVarianceNorm.Axes, [1]), 1e-5, x);
        foreach (var p in new long[] { 1, 2 }) GradientTester.Check("lp_norm", AttributeSet.Empty.With(LpNorm.Axis, 1).With(LpNorm.P, p), 1e-5, x);
        foreach (var size in new long[] { 1, 2, 3, 5 })
            GradientTester.Check("local_response_norm", AttributeSet.Empty.With(LocalResponseNorm.Size, size).With(LocalResponseNorm.Alpha, 0.7).With(LocalResponseNorm.Beta, 0.6).With(LocalResponseNorm.Bias, 2), 1e-5, x);
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        var x = TestTensors.Reals(1, [2, 4, 3]);
        Faults.Expect("VKN2351", () => OnHost.Run("instance_norm", null, x, TestTensors.Reals(2, [3])));
        Faults.Expect("VKN2355", () => OnHost.Run("group_norm", AttributeSet.Empty.With(GroupNorm.Groups, 3), x));
        Faults.Expect("VKN2353", () => OnHost.Run("layer_norm", null, x, TestTensors.Reals(2, [4])));
        Faults.Expect("VKN2350", () => OnHost.Run("layer_norm", AttributeSet.Empty.With(NormalizationAttributes.Epsilon, -1), x));
        Faults.Expect("VKN2103", () => OnHost.Run("lp_norm", AttributeSet.Empty.With(LpNorm.Axis, 3), x));
    }
}
