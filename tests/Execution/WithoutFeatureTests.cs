using VkNet.Devices;
using VkNet.Execution;
using VkNet.Operators;
using VkNet.Tests.Device;
using VkNet.Tests.Training;
using VkNet.Training;

namespace VkNet.Tests.Execution;

/// <summary>
/// The same results without each optional feature, one by one: one operator of every kernel family, with constants, carried state and a
/// training step. tools/campaign has all operators tried so.
/// </summary>
internal sealed class WithoutFeatureTests(string driver) : OnEveryDevice(driver)
{
    private static readonly string[] Operators = ["add", "matmul", "conv2d", "depthwise_conv2d", "max_pool2d", "softmax", "layer_norm", "reduce_sum", "gather", "transpose", "resize", "lstm", "top_k", "softmax_cross_entropy"];

    [TestCaseSource(typeof(DeviceFeatures), nameof(DeviceFeatures.All))]
    public void A_device_without_a_feature_computes_the_same(string feature)
    {
        if (!Device.Profile.Has(feature)) Assert.Ignore($"{Device.Profile.Name} has no {feature}");
        using var device = Open(new DeviceOptions { DisabledFeatures = new HashSet<string> { feature } });
        Assert.That(device.Profile.Has(feature), Is.False);
        var check = new OperatorCheck(device, StandardOperators.Registry);
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), Lines.Objective(new OptimizerOptions("adam", 0.1)));
        using (var session = new TrainingSession(device, graph, new InitializedWeights(1)) { LearningRate = 0.1 })
        using (var whole = new TrainingSession(Device, graph, new InitializedWeights(1)) { LearningRate = 0.1 })
        {
            for (var step = 0; step < 3; step++) Assert.That(session.Step(Lines.Data(step, 8)).Loss, Is.EqualTo(whole.Step(Lines.Data(step, 8)).Loss).Within(1e-4).Percent);
        }
        Assert.Multiple(() =>
        {
            foreach (var name in Operators.Where(n => StandardOperators.Registry.TryGet(n, out _)))
            {
                var @operator = StandardOperators.Registry.Get(name);
                foreach (var result in check.Run(@operator).Take(3)) Assert.That(result.Status, Is.EqualTo(OperatorCheckStatus.Passed), $"{result.Name}: {result.Reason}");
            }
        });
        Assert.That(TakeMessages(device), Is.Empty);
    }
}
