using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Pooling;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Normalization;

/// <summary>Batch normalisation worked into the layer in front of it, against the host's unfused result.</summary>
internal sealed class ChannelAffineFoldingTests(string driver) : OnEveryDevice(driver)
{
    private static Value Normalized(OperatorTester tester, Value input, int seed)
    {
        var channels = input.Shape[1];
        Value Constant(int index, double low, double high) => tester.Builder.Constant(TestTensors.Reals(seed + index, [channels], low, high));
        return tester.Builder.Add(tester.Builder.Registry.Get("batch_norm"), AttributeSet.Empty, [input, Constant(0, -2, 2), Constant(1, -1, 1), Constant(2, -1, 1), Constant(3, 0.1, 2)])[0];
    }

    private static Value Apply(OperatorTester tester, string name, AttributeSet attributes, params Value?[] inputs) => tester.Builder.Add(tester.Builder.Registry.Get(name), attributes, inputs)[0];

    private static Value Weight(OperatorTester tester, int seed, params long[] shape) => tester.Builder.Constant(TestTensors.Reals(seed, new Shape(shape), -0.5, 0.5));

    // Changes of layout are named after the value they change.
    private static bool IsNormalization(string name) => name.StartsWith("batch_norm", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal);

    [Test]
    public void It_joins_convolutions_and_dense_layers([Values] bool bias)
    {
        var tester = new OperatorTester();
        var x = tester.Input(TestTensors.Reals(1, [2, 3, 9, 7]));
        var padded = AttributeSet.Empty.With(WindowAttributes.Padding, [1]);
        var a = Normalized(tester, Apply(tester, "conv2d", padded, x, Weight(tester, 2, 6, 3, 3, 3), bias ? Weight(tester, 3, 6) : null), 10);
        var b = Normalized(tester, Apply(tester, "conv2d", padded.With(Conv.Groups, 6), Apply(tester, "relu", AttributeSet.Empty, a), Weight(tester, 4, 6, 1, 3, 3), null), 20);
        var c = Normalized(tester, Apply(tester, "conv_transpose2d", AttributeSet.Empty, b, Weight(tester, 5, 6, 5, 2, 2), bias ? Weight(tester, 6, 5) : null), 30);
        var flat = Apply(tester, "flatten", AttributeSet.Empty, c);
        var d = Normalized(tester, Apply(tester, "dense", AttributeSet.Empty, flat, Weight(tester, 7, 4, flat.Shape[1]), bias ? Weight(tester, 8, 4) : null), 40);
        tester.Output(d, "four normalised layers");
        var plan = tester.Check(Device, 1e-4, 1e-4);
        Assert.That(plan.Main.Calls.SelectMany(k => k.SourceNodes).Where(IsNormalization).Distinct().Count(), Is.EqualTo(4));
        Assert.That(plan.Main.Calls.Count(k => IsNormalization(k.Node)), Is.Zero);
    }

    [Test]
    public void It_stays_where_others_read_the_layer_or_nothing_linear_stands_in_front()
    {
        var tester = new OperatorTester();
        var x = tester.Input(TestTensors.Reals(1, [1, 4, 5, 5]));
        var convolved = Apply(tester, "conv2d", AttributeSet.Empty, x, Weight(tester, 2, 4, 4, 1, 1), null);
        tester.Output(convolved, "the layer itself");
        tester.Output(Normalized(tester, convolved, 10), "normalised");
        tester.Output(Normalized(tester, Apply(tester, "max_pool2d", AttributeSet.Empty.With(WindowAttributes.Kernel, [2]), x), 20), "pooled");
        var plan = tester.Check(Device, 1e-5, 1e-5);
        Assert.That(plan.Main.Calls.Count(k => IsNormalization(k.Node)), Is.EqualTo(2));
    }
}
