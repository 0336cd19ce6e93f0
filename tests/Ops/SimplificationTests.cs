using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Convolution;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops;

/// <summary>Rewritings of real operators: padding into convolutions, transposes behind pointwise operators and against each other.</summary>
internal sealed class SimplificationTests(string driver) : OnEveryDevice(driver)
{
    private static Value Apply(OperatorTester tester, string name, AttributeSet? attributes, params Value?[] inputs) => tester.Builder.Add(StandardOperators.Registry.Get(name), attributes ?? AttributeSet.Empty, inputs)[0];

    private static AttributeSet Order(params long[] order) => AttributeSet.Empty.With("permutation", order);

    [Test]
    public void Zero_padding_becomes_the_convolutions_own([Values("explicit", "same", "valid")] string padding)
    {
        var tester = new OperatorTester();
        var x = tester.Input(TestTensors.Reals(1, [2, 3, 8, 6]));
        var padded = Apply(tester, "pad", AttributeSet.Empty.With("pads", new long[] { 0, 0, 1, 0, 0, 0, 2, 1 }), x);
        var weight = tester.Builder.Constant(TestTensors.Reals(2, [5, 3, 3, 3]));
        tester.Output(Apply(tester, "conv2d", AttributeSet.Empty.With(WindowAttributes.Stride, [2]).With(WindowAttributes.AutoPadding, padding), padded, weight, null), "padded");
        var plan = tester.Check(Device, 1e-5, 1e-5);
        Assert.That(plan.Main.Calls.Count(c => c.Kernel.StartsWith("layout/pad", StringComparison.Ordinal)), Is.Zero);
    }

    [Test]
    public void Other_padding_stays()
    {
        var tester = new OperatorTester();
        var x = tester.Input(TestTensors.Reals(1, [2, 3, 8, 6]));
        var weight = tester.Builder.Constant(TestTensors.Reals(2, [5, 3, 3, 3]));
        AttributeSet Pads(params long[] pads) => AttributeSet.Empty.With("pads", pads);
        foreach (var attributes in new[] { Pads(0, 0, 1, 1, 0, 0, 1, 1).With("value", 2.0), Pads(0, 0, 1, 1, 0, 0, 1, 1).With("mode", "edge"), Pads(0, 0, -1, 1, 0, 0, 1, 1), Pads(1, 0, 0, 0, 0, 0, 0, 0) })
            tester.Output(Apply(tester, "conv2d", null, Apply(tester, "pad", attributes, x), weight, null), attributes.ToString());
        var plan = tester.Check(Device, 1e-5, 1e-5);
        Assert.That(plan.Main.Calls.Count(c => c.Kernel.StartsWith("layout/pad", StringComparison.Ordinal)), Is.EqualTo(4));
    }

    [Test]
    public void Transposes_that_undo_each_other_vanish_across_pointwise_operators()
    {
        var tester = new OperatorTester();
        var (x, y) = (tester.Input(TestTensors.Reals(1, [2, 3, 4, 5])), tester.Input(TestTensors.Reals(2, [2, 3, 4, 5])));
        var sum = Apply(tester, "add", null, Apply(tester, "transpose", Order(0, 2, 3, 1), x), Apply(tester, "transpose", Order(0, 2, 3, 1), y));
        var scaled = Apply(tester, "mul", null, Apply(tester, "tanh", null, sum), tester.Builder.Constant(3f));
        tester.Output(Apply(tester, "transpose", Order(0, 3, 1, 2), scaled), "there and back");
        var plan = tester.Check(Device, 1e-5, 1e-6);
        Assert.That(plan.Main.Dispatches, Is.EqualTo(1));
    }

    [Test]
    public void Transposes_that_others_need_stay()
    {
        var tester = new OperatorTester();
        var x = tester.Input(TestTensors.Reals(1, [2, 3, 4]));
        var turned = Apply(tester, "transpose", Order(2, 0, 1), x);
        tester.Output(Apply(tester, "relu", null, turned), "relu");
        tester.Output(turned, "turned");
        var other = Apply(tester, "transpose", Order(1, 0, 2), x);
        tester.Output(Apply(tester, "add", null, other, tester.Builder.Constant(TestTensors.Reals(3, [2, 4]))), "broadcast");
        tester.Output(Apply(tester, "add", null, other, Apply(tester, "transpose", Order(2, 0, 1), tester.Input(TestTensors.Reals(4, [2, 4, 3])))), "two orders");
        tester.Check(Device, 1e-6, 1e-6);
    }
}
