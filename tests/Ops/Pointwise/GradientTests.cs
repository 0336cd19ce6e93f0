using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Pointwise;

/// <summary>Gradient rules of pointwise operators against central differences.</summary>
internal sealed class GradientTests
{
    [TestCase("abs", -2, 2), TestCase("neg", -2, 2), TestCase("sign", -2, 2), TestCase("square", -2, 2), TestCase("relu", -2, 2), TestCase("exp", -2, 2), TestCase("expm1", -2, 2)]
    [TestCase("log", 0.1, 3), TestCase("log1p", -0.5, 3), TestCase("sqrt", 0.1, 3), TestCase("rsqrt", 0.1, 3), TestCase("reciprocal", 0.2, 3), TestCase("floor", -2, 2)]
    [TestCase("ceil", -2, 2), TestCase("round", -2, 2), TestCase("trunc", -2, 2), TestCase("erf", -2, 2), TestCase("sin", -3, 3), TestCase("cos", -3, 3), TestCase("tan", -1.3, 1.3)]
    [TestCase("asin", -0.9, 0.9), TestCase("acos", -0.9, 0.9), TestCase("atan", -3, 3), TestCase("sinh", -2, 2), TestCase("cosh", -2, 2), TestCase("tanh", -2, 2)]
    [TestCase("asinh", -3, 3), TestCase("acosh", 1.2, 3), TestCase("atanh", -0.8, 0.8), TestCase("sigmoid", -3, 3), TestCase("softplus", -3, 3), TestCase("softsign", -3, 3)]
    [TestCase("mish", -3, 3), TestCase("hard_swish", -4, 4), TestCase("hard_sigmoid", -4, 4), TestCase("elu", -3, 3), TestCase("celu", -3, 3), TestCase("selu", -3, 3)]
    [TestCase("gelu", -3, 3), TestCase("silu", -3, 3), TestCase("leaky_relu", -3, 3), TestCase("thresholded_relu", -3, 3), TestCase("shrink", -3, 3), TestCase("identity", -3, 3)]
    [TestCase("dropout", -3, 3), TestCase("affine", -3, 3)]
    public void Of_one_input(string name, double low, double high) => GradientTester.Check(name, null, 1e-6, TestTensors.Smooth(1, [3, 5], low, high));

    [Test]
    public void With_attributes()
    {
        var x = TestTensors.Smooth(2, [4, 5], -3, 3);
        GradientTester.Check("celu", AttributeSet.Empty.With("alpha", 1.7), 1e-6, x);
        GradientTester.Check("elu", AttributeSet.Empty.With("alpha", 0.3), 1e-6, x);
        GradientTester.Check("selu", AttributeSet.Empty.With("alpha", 0.3).With("gamma", 2.0), 1e-6, x);
        GradientTester.Check("gelu", AttributeSet.Empty.With("approximate", "tanh"), 1e-6, x);
        GradientTester.Check("silu", AttributeSet.Empty.With("alpha", 1.7), 1e-6, x);
        GradientTester.Check("leaky_relu", AttributeSet.Empty.With("alpha", 0.3), 1e-6, x);
        GradientTester.Check("hard_sigmoid", AttributeSet.Empty.With("alpha", 0.4).With("beta", 0.3), 1e-6, x);
        GradientTester.Check("clip", AttributeSet.Empty.With("min", -1.0).With("max", 1.5), 1e-6, x);
        GradientTester.Check("affine", AttributeSet.Empty.With("scale", -1.5).With("shift", 0.5), 1e-6, x);
        GradientTester.Check("cast", AttributeSet.Empty.With("to", "f32"), 1e-6, x);
    }

    [TestCase("add"), TestCase("sub"), TestCase("mul"), TestCase("div"), TestCase("max"), TestCase("min"), TestCase("pow"), TestCase("mod"), TestCase("fmod"), TestCase("prelu")]
    public void Of_two_inputs(string name)
    {
        var (a, b) = (TestTensors.Smooth(3, [2, 3, 4], 0.6, 2.4), TestTensors.Smooth(4, [2, 3, 4], 0.3, 1.7));
        GradientTester.Check(name, null, 1e-6, a, b);
        GradientTester.Check(name, null, 1e-6, a, TestTensors.Smooth(5, [3, 1], 0.3, 1.7));
        GradientTester.Check(name, null, 1e-6, TestTensors.Smooth(6, [4], 0.6, 2.4), b);
        GradientTester.Check(name, null, 1e-6, TestTensors.Smooth(7, [], 0.6, 2.4), TestTensors.Smooth(5, [2, 1], 0.3, 1.7));
        if (name is not "pow") GradientTester.Check(name, null, 1e-6, TestTensors.Smooth(8, [5, 3], -2.4, 2.4), TestTensors.Smooth(9, [3], 0.3, 1.7));
    }

    [Test]
    public void Of_a_choice_between_two() =>
        GradientTester.Check("where", null, 1e-6, TestTensors.Truths(1, [3, 1]), TestTensors.Reals(2, [2, 1, 4]), TestTensors.Reals(3, [4]));

    [Test]
    public void Kinks_follow_their_written_rules()
    {
        Assert.That(GradientAt("relu", 0), Is.EqualTo(0));
        Assert.That(GradientAt("leaky_relu", 0), Is.EqualTo(0.01).Within(1e-9));
        Assert.That(GradientAt("abs", 0), Is.EqualTo(0));
        Assert.That(GradientAt("hard_swish", 3), Is.EqualTo(1));
        Assert.That(GradientAt("hard_swish", -3), Is.EqualTo(0));
        Assert.That(GradientAt("stop_gradient", 1), Is.Null);
    }

    private static double? GradientAt(string name, float at)
    {
        var builder = new GraphBuilder(VkNet.Operators.StandardOperators.Registry);
        var x = builder.Input("x", TensorType.Float(1));
        var y = builder.Apply(name, null, x);
        var gradient = y.Producer!.Operator.Differentiate(new GradientContext(builder, y.Producer, [builder.Constant(Tensor.From([1f], 1))], [true]))[0];
        if (gradient is null) return null;
        builder.Output("d", gradient);
        return HostEvaluator.Run(builder.Build(), new Dictionary<string, Tensor> { ["x"] = Tensor.From([at], 1) }, inDouble: true)[gradient].ToArray<double>()[0];
    }
}
