using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Pointwise;

/// <summary>Functions of two and three elements on every device: broadcasting, exact whole numbers, the special values of IEEE 754.</summary>
internal sealed class BinaryTests(string driver) : OnEveryDevice(driver)
{
    private static readonly float[] Special =
    [
        0, -0f, 1, -1, 2, -2, 3, -3, 0.5f, -0.5f, 2.5f, 1e-30f, -1e30f, 63, 64, -65, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    // Shapes that broadcast, one pair for every way the kernels have of reading.
    private static readonly (long[] A, long[] B)[] Pairs =
    [
        ([2, 3, 4], [2, 3, 4]), ([2, 3, 4], []), ([], [2, 3, 5]), ([1], [7]), ([2, 3, 4], [4]), ([2, 3, 5], [5]), ([2, 3, 8], [3, 1]), ([2, 3, 7], [3, 1]),
        ([4, 1, 8], [1, 3, 8]), ([5, 1], [1, 4]), ([4], [3, 1]), ([2, 1, 3, 1, 5], [4, 1, 2, 1]), ([3, 1, 2, 1, 2, 1, 2, 1], [1, 2, 1, 2, 1, 2, 1, 3]),
        ([2, 3, 4, 6], [3, 1, 1]), ([0, 3], [3]), ([0], [1]), ([1, 0, 2], [4, 1, 2]), ([129, 33], [129, 1]), ([64, 10], [10]), ([3, 1024], [3, 1]),
    ];

    [Test]
    public void Broadcasting()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var (a, b) in Pairs)
        {
            tester.Add("sub", null, TestTensors.Reals(++seed, new Shape(a)), TestTensors.Reals(++seed, new Shape(b)));
            tester.Add("sub", null, TestTensors.Integers(++seed, DataType.Int32, new Shape(b), -1000, 1000), TestTensors.Integers(++seed, DataType.Int32, new Shape(a), -1000, 1000));
        }
        tester.Check(Device, 0, 0);
        tester.Check(Device, 0, 0, o => o with { Variant = "baseline" });
    }

    [Test]
    public void Arithmetic_on_reals()
    {
        var (a, b) = (TestTensors.Reals(1, [19, 7], -3, 3), TestTensors.Reals(2, [7], -3, 3));
        var tester = new OperatorTester();
        foreach (var name in new[] { "add", "sub", "mul", "div", "max", "min", "mod", "fmod", "prelu", "positive_gate" }) tester.Add(name, null, a, b);
        tester.Add("pow", null, TestTensors.Reals(3, [500], 0.01, 9), TestTensors.Reals(4, [500], -6, 6));
        tester.Add("pow", null, TestTensors.Reals(3, [500], -9, 9), TestTensors.Integers(4, DataType.Int64, [500], -6, 6));
        tester.Add("fmod", null, TestTensors.Reals(5, [500], -1e6, 1e6), TestTensors.Reals(6, [500], 0.01, 3));
        tester.Add("mod", null, TestTensors.Reals(5, [500], -1e30, 1e30), TestTensors.Reals(6, [500], -3, 3));
        tester.Check(Device, 3e-6, 1e-7);
    }

    [Test]
    public void Special_values()
    {
        var (a, b) = (Tensor.From(Special, Special.Length, 1), Tensor.From(Special, 1, Special.Length));
        var tester = new OperatorTester();
        foreach (var name in new[] { "add", "sub", "mul", "div", "max", "min", "fmod", "mod", "pow", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal" }) tester.Add(name, null, a, b);
        tester.Check(Device, 1e-5, 1e-37);
    }

    [Test]
    public void Whole_numbers_are_exact()
    {
        var tester = new OperatorTester();
        foreach (var type in new[] { DataType.Int32, DataType.Int64 })
        {
            var (a, b) = (TestTensors.Integers(1, type, [40, 1], -30000, 30000), TestTensors.Integers(2, type, [1, 40], -30000, 30000));
            var small = TestTensors.Integers(3, type, [40], -7, 7);
            foreach (var name in new[] { "add", "sub", "mul", "max", "min", "bitwise_and", "bitwise_or", "bitwise_xor", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal" }) tester.Add(name, null, a, b);
            foreach (var name in new[] { "div", "mod", "fmod", "less", "equal" }) tester.Add(name, null, a, small).Add(name, null, small, small);
            tester.Add("pow", null, small, TestTensors.Integers(4, type, [40], -3, 9));
            // Neighbours above 2^24, which reals would take for equal.
            tester.Add("equal", null, TestTensors.Integers(5, type, [200], 100000000, 100000003), TestTensors.Integers(6, type, [200], 100000000, 100000003));
            tester.Add("less", null, TestTensors.Integers(5, type, [200], 100000000, 100000003), TestTensors.Integers(6, type, [200], 100000000, 100000003));
            tester.Add("where", null, TestTensors.Truths(7, [40]), a, b);
        }
        foreach (var type in new[] { DataType.UInt8, DataType.Int8, DataType.UInt16, DataType.Int16 })
        {
            var (a, b) = (TestTensors.Integers(8, type, [300], -70000, 70000), TestTensors.Integers(9, type, [300], -70000, 70000));
            foreach (var name in new[] { "add", "sub", "mul", "max", "bitwise_xor", "less" }) tester.Add(name, null, a, b);
        }
        foreach (var type in new[] { DataType.UInt8, DataType.UInt16, DataType.UInt32 })
        {
            var (a, b) = (TestTensors.Integers(10, type, [100], 0, 250), TestTensors.Integers(11, type, [100], 0, 9));
            tester.Add("shift_left", null, a, b).Add("shift_right", null, a, b);
        }
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Truth_values()
    {
        var (a, b) = (TestTensors.Truths(1, [5, 9]), TestTensors.Truths(2, [9]));
        var tester = new OperatorTester();
        foreach (var name in new[] { "and", "or", "xor", "equal", "not_equal" }) tester.Add(name, null, a, b);
        tester.Add("where", null, a, b, TestTensors.Truths(3, [5, 1]));
        tester.Check(Device);
    }

    [Test]
    public void Choice_between_two()
    {
        new OperatorTester()
            .Add("where", null, TestTensors.Truths(1, [5, 9]), TestTensors.Reals(2, [9]), TestTensors.Reals(3, [5, 1]))
            .Add("where", null, TestTensors.Truths(1, []), TestTensors.Reals(2, [3, 3]), TestTensors.Reals(3, [3, 3]))
            .Add("where", null, TestTensors.Truths(1, [4, 4]), Tensor.Scalar(float.NaN), TestTensors.Reals(3, [4, 4]))
            .Check(Device, 0, 0);
    }

    [Test]
    public void A_tensor_read_twice()
    {
        var tester = new OperatorTester();
        var x = tester.Input(TestTensors.Reals(1, [3, 5]));
        tester.Output(tester.Builder.Apply("mul", null, x, x), "x * x");
        tester.Check(Device);
    }

    [TestCase("add", "[2, 3]", "[4]", "VKN2120")]
    public void Shapes_that_do_not_fit_are_shown(string name, string a, string b, string code)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (x, y) = (builder.Input("x", TensorType.Float(2, 3)), builder.Input("y", TensorType.Float(4)));
        Assert.That(() => builder.Apply(name, null, x, y), Throws.TypeOf<VkNetException>().With.Message.Contains(code).And.Message.Contains(a).And.Message.Contains(b));
    }

    [Test]
    public void Types_that_do_not_fit_are_shown()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (x, y) = (builder.Input("x", TensorType.Float(2)), builder.Input("y", new TensorType(DataType.Int32, [2])));
        Assert.That(() => builder.Apply("add", null, x, y), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2121").And.Message.Contains("i32[2]"));
        Assert.That(() => builder.Apply("exp", null, y), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2122"));
        Assert.That(() => builder.Apply("and", null, x, x), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2122"));
        Assert.That(() => builder.Apply("where", null, y, x, x), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2122"));
    }
}
