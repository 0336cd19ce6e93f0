using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Pointwise;

/// <summary>Functions of one real on every device: ordinary arguments, the ends of the range, infinities and NaN.</summary>
internal sealed class UnaryTests(string driver) : OnEveryDevice(driver)
{
    // Operator, interval of ordinary arguments, allowed relative and absolute error.
    private static readonly (string Name, double Low, double High, double Relative, double Absolute)[] Functions =
    [
        ("abs", -3, 3, 0, 0), ("neg", -3, 3, 0, 0), ("sign", -3, 3, 0, 0), ("square", -3, 3, 1e-6, 0), ("relu", -3, 3, 0, 0),
        ("exp", -80, 80, 2e-6, 0), ("expm1", -20, 80, 2e-6, 0), ("log", 1e-6, 50, 1e-6, 2e-7), ("log1p", -0.999, 50, 1e-6, 2e-7),
        ("sqrt", 0, 1e6, 1e-6, 0), ("rsqrt", 1e-6, 1e6, 1e-6, 0), ("reciprocal", 0.01, 1e6, 1e-6, 0),
        ("floor", -1000, 1000, 0, 0), ("ceil", -1000, 1000, 0, 0), ("round", -1000, 1000, 0, 0), ("trunc", -1000, 1000, 0, 0),
        ("erf", -5, 5, 2e-6, 0), ("sin", -100, 100, 1e-6, 3e-7), ("cos", -100, 100, 1e-6, 3e-7), ("tan", -1.5, 1.5, 2e-6, 2e-7),
        ("asin", -1, 1, 2e-6, 0), ("acos", -1, 1, 2e-6, 2e-7), ("atan", -100, 100, 1e-6, 0),
        ("sinh", -80, 80, 4e-6, 0), ("cosh", -80, 80, 4e-6, 0), ("tanh", -12, 12, 1e-6, 0),
        ("asinh", -1000, 1000, 1e-6, 0), ("acosh", 1, 1000, 2e-6, 0), ("atanh", -0.999, 0.999, 2e-6, 0),
        ("sigmoid", -80, 80, 3e-6, 0), ("softplus", -80, 80, 3e-6, 0), ("softsign", -1000, 1000, 1e-6, 0), ("mish", -20, 80, 4e-6, 1e-7),
        ("hard_swish", -6, 6, 1e-6, 2e-7), ("hard_sigmoid", -6, 6, 1e-6, 2e-7), ("elu", -20, 20, 2e-6, 0), ("celu", -20, 20, 2e-6, 0),
        ("selu", -20, 20, 2e-6, 0), ("gelu", -8, 8, 4e-6, 1e-7), ("silu", -80, 80, 4e-6, 0), ("leaky_relu", -3, 3, 1e-6, 0),
        ("thresholded_relu", -3, 3, 0, 0), ("shrink", -3, 3, 0, 0), ("identity", -3, 3, 0, 0), ("affine", -3, 3, 1e-6, 0),
    ];

    private static readonly float[] Extremes =
    [
        0, -0f, 1, -1, 0.5f, -0.5f, 1.5f, 2.5f, -1.5f, -2.5f, 3, -3, 1e-30f, -1e-30f, 1e30f, -1e30f, 88, -88, 104, -104, 16777216, -16777216,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    [Test]
    public void Ordinary_arguments()
    {
        foreach (var (name, low, high, relative, absolute) in Functions)
            new OperatorTester().Add(name, null, TestTensors.Reals(1, [1027], low, high)).Check(Device, relative, absolute);
    }

    [Test]
    public void Small_arguments_keep_their_relative_accuracy()
    {
        string[] names = ["expm1", "log1p", "erf", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "elu", "celu", "selu", "gelu", "silu", "mish"];
        var tester = new OperatorTester();
        foreach (var name in names) tester.Add(name, null, TestTensors.Reals(2, [257], -1e-3, 1e-3));
        tester.Check(Device, 1e-5, 0);
    }

    [Test]
    public void Extremes_infinities_and_NaN()
    {
        var tester = new OperatorTester();
        var arguments = Tensor.From(Extremes, Extremes.Length);
        // Angles beyond 1e5 are not reduced exactly; gelu's tail is cut off where it is below 1e-44, which a factor of -1e30 shows.
        string[] elsewhere = ["sin", "cos", "tan", "gelu"];
        foreach (var (name, _, _, _, _) in Functions.Where(f => !elsewhere.Contains(f.Name))) tester.Add(name, null, arguments);
        tester.Add("is_nan", null, arguments).Add("is_inf", null, arguments);
        tester.Add("is_inf", AttributeSet.Empty.With("detect_negative", false), arguments).Add("is_inf", AttributeSet.Empty.With("detect_positive", false), arguments);
        tester.Add("clip", AttributeSet.Empty.With("min", -1.0).With("max", 2.0), arguments).Add("clip", AttributeSet.Empty.With("min", 2.0).With("max", -1.0), arguments);
        foreach (var type in new[] { "i32", "i64", "i8", "u8", "i16", "u16", "bool", "f16" }) tester.Add("cast", AttributeSet.Empty.With("to", type), TestTensors.Repeat([31], 0, -0f, 1, -1, 0.7f, -0.7f, 1000.9f, -1000.9f, 1e6f, -1e6f, float.NaN));
        // Vulkan lets a device take numbers below 1.2e-38 for zero, also on the way: the sigmoid of -87, times -87.
        tester.Check(Device, 4e-6, 1.1e-36);
        new OperatorTester().Add("gelu", null, arguments).Add("gelu", AttributeSet.Empty.With("approximate", "tanh"), arguments).Check(Device, 4e-6, 1e-12);
    }

    [Test]
    public void Variants_of_functions_by_attributes()
    {
        var x = TestTensors.Reals(3, [7, 37], -4, 4);
        new OperatorTester()
            .Add("leaky_relu", AttributeSet.Empty.With("alpha", 0.3), x)
            .Add("elu", AttributeSet.Empty.With("alpha", 0.7), x)
            .Add("celu", AttributeSet.Empty.With("alpha", 1.7), x)
            .Add("selu", AttributeSet.Empty.With("alpha", 0.7).With("gamma", 1.3), x)
            .Add("gelu", AttributeSet.Empty.With("approximate", "tanh"), x)
            .Add("silu", AttributeSet.Empty.With("alpha", 1.702), x)
            .Add("hard_sigmoid", AttributeSet.Empty.With("alpha", 0.1).With("beta", 0.6), x)
            .Add("thresholded_relu", AttributeSet.Empty.With("alpha", 1.5), x)
            .Add("shrink", AttributeSet.Empty.With("threshold", 1.5).With("bias", 0.25), x)
            .Add("affine", AttributeSet.Empty.With("scale", -2.5).With("shift", 0.75), x)
            .Add("clip", AttributeSet.Empty.With("min", -0.5), x)
            .Add("clip", AttributeSet.Empty.With("max", 0.5), x)
            .Check(Device, 4e-6, 3e-7);
    }

    [Test]
    public void Whole_numbers_are_exact()
    {
        var tester = new OperatorTester();
        foreach (var type in new[] { DataType.Int32, DataType.Int64 })
        {
            var x = TestTensors.Integers(4, type, [13, 7], int.MinValue, int.MaxValue);
            foreach (var name in new[] { "abs", "neg", "sign", "relu", "identity", "bitwise_not" }) tester.Add(name, null, type == DataType.Int64 && name == "neg" ? TestTensors.Integers(4, type, [13], -1000, 1000) : x);
            tester.Add("clip", AttributeSet.Empty.With("min", -123456789.0).With("max", 1234567891.0), x);
            foreach (var to in new[] { "f32", "i8", "u8", "i16", "u16", "i32", "bool" }) tester.Add("cast", AttributeSet.Empty.With("to", to), x);
        }
        foreach (var type in new[] { DataType.Int8, DataType.UInt8, DataType.Int16, DataType.UInt16 })
        {
            var x = TestTensors.Integers(5, type, [300], -40000, 40000);
            foreach (var name in new[] { "abs", "neg", "bitwise_not", "square" }) tester.Add(name, null, x);
        }
        var truths = TestTensors.Truths(6, [65]);
        tester.Add("not", null, truths);
        foreach (var to in new[] { "f32", "i32", "u8", "i64" }) tester.Add("cast", AttributeSet.Empty.With("to", to), truths);
        tester.Check(Device, 1e-7, 0);
    }

    [Test]
    public void Every_size_and_no_size()
    {
        var tester = new OperatorTester();
        foreach (var count in new long[] { 0, 1, 2, 3, 4, 5, 1023, 1024, 1025 }) tester.Add("sigmoid", null, TestTensors.Reals(7, [count])).Add("bitwise_not", null, TestTensors.Integers(8, DataType.Int32, [count], -9, 9));
        tester.Add("exp", null, TestTensors.Reals(7, [])).Add("exp", null, TestTensors.Reals(7, [3, 0, 5]));
        tester.Check(Device);
        tester = new OperatorTester();
        foreach (var count in new long[] { 1, 6, 1025 }) tester.Add("sigmoid", null, TestTensors.Reals(7, [count]));
        tester.Check(Device, configure: o => o with { Variant = "baseline" });
    }
}
