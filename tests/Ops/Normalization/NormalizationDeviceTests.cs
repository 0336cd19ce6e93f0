using VkNet.Graphs;
using VkNet.Operators.Normalization;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Normalization;

/// <summary>Normalisations on every device against the host, dense.</summary>
internal sealed class NormalizationDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static OperatorTester Cases()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[1, 1, 1, 1], [2, 6, 3, 5], [3, 4, 8, 8], [1, 6, 40, 52], [2, 12, 1, 7], [0, 2, 3, 3]])
        {
            var x = TestTensors.Reals(++seed, shape, -3, 5);
            Tensor PerChannel() => TestTensors.Reals(++seed, [shape[1]], 0.5, 2);
            tester.Add("batch_norm", null, x, PerChannel(), PerChannel(), PerChannel(), PerChannel());
            tester.Add("batch_norm", AttributeSet.Empty.With(BatchNorm.Mode, "train"), x, PerChannel(), PerChannel(), PerChannel(), PerChannel());
            tester.Add("instance_norm", null, x, PerChannel(), PerChannel()).Add("instance_norm", null, x);
            if (shape[1] % 2 == 0) tester.Add("group_norm", AttributeSet.Empty.With(GroupNorm.Groups, 2), x, PerChannel(), PerChannel());
            foreach (long axis in new long[] { 1, 2, 3 })
            {
                var rest = shape.Slice((int)axis, 4 - (int)axis);
                tester.Add("layer_norm", AttributeSet.Empty.With(NormalizationAttributes.Axis, axis).With(LayerNorm.WithStatistics, axis == 2), x, TestTensors.Reals(++seed, rest), TestTensors.Reals(++seed, rest));
                tester.Add("rms_norm", AttributeSet.Empty.With(NormalizationAttributes.Axis, axis), x, TestTensors.Reals(++seed, rest));
                tester.Add("lp_norm", AttributeSet.Empty.With(LpNorm.Axis, axis), x).Add("lp_norm", AttributeSet.Empty.With(LpNorm.Axis, axis).With(LpNorm.P, 1), x);
            }
            tester.Add("mean_variance_norm", null, x).Add("mean_variance_norm", AttributeSet.Empty.With(MeanVarianceNorm.Axes, [1]), x).Add("mean_variance_norm", AttributeSet.Empty.With(MeanVarianceNorm.Axes, [0]), x);
            foreach (var size in new long[] { 1, 2, 5 })
                tester.Add("local_response_norm", AttributeSet.Empty.With(LocalResponseNorm.Size, size).With(LocalResponseNorm.Alpha, 0.3), x);
        }
        tester.Add("layer_norm", null, TestTensors.Reals(1, [5, 768], 100, 101)).Add("layer_norm", null, TestTensors.Reals(1, [20, 30])).Add("batch_norm", AttributeSet.Empty.With(BatchNorm.Mode, "train"),
            TestTensors.Reals(1, [40, 7]), TestTensors.Reals(2, [7]), TestTensors.Reals(3, [7]), TestTensors.Reals(4, [7]), TestTensors.Reals(5, [7]));
        return tester;
    }

    [Test]
    public void Every_normalisation_equals_the_host() => Cases().Check(Device, 2e-5, 2e-5);

    [Test]
    public void The_baseline_equals_the_host() => Cases().Check(Device, 2e-5, 2e-5, o => o with { Variant = "baseline" });
}
