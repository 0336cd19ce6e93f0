using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Pointwise;

/// <summary>Several pointwise nodes in one kernel call, in both layouts.</summary>
internal sealed class FusedTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void A_chain_is_one_call()
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var (x, y) = (tester.Input(TestTensors.Reals(1, [2, 3, 5])), tester.Input(TestTensors.Reals(2, [3, 1])));
        var value = b.Apply("relu", null, b.Apply("add", null, b.Apply("mul", null, x, y), b.Apply("sigmoid", null, x)));
        tester.Output(b.Apply("sub", null, value, y), "relu(x * y + sigmoid(x)) - y");
        Assert.That(tester.Check(Device).Main.Dispatches, Is.LessThanOrEqualTo(2));
        Assert.That(tester.Check(Device, configure: o => o with { Fuse = false }).Main.Dispatches, Is.EqualTo(5));
    }

    [Test]
    public void Operands_of_all_kinds_in_one_program()
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var value = tester.Input(TestTensors.Reals(1, [2, 6, 8]));
        foreach (var shape in new long[][] { [2, 6, 8], [8], [6, 1], [] }) value = b.Apply("add", null, b.Apply("tanh", null, value), tester.Input(TestTensors.Reals(shape.Length + 2, new Shape(shape))));
        tester.Output(value, "four operands");
        Assert.That(tester.Check(Device).Main.Dispatches, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public void A_program_can_end_in_a_truth_value_or_a_choice()
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var (x, y, z) = (tester.Input(TestTensors.Reals(1, [4, 5])), tester.Input(TestTensors.Reals(2, [4, 5])), tester.Input(TestTensors.Truths(3, [5])));
        var holds = b.Apply("and", null, b.Apply("less", null, b.Apply("exp", null, x), y), z);
        tester.Output(holds, "exp(x) < y and z");
        tester.Output(b.Apply("where", null, b.Apply("not", null, z), b.Apply("neg", null, x), y), "where");
        tester.Check(Device);
    }

    [Test]
    public void Whole_numbers_are_fused_exactly()
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var (x, y) = (tester.Input(TestTensors.Integers(1, DataType.Int32, [77], -2000000000, 2000000000)), tester.Input(TestTensors.Integers(2, DataType.Int32, [77], 1, 9)));
        tester.Output(b.Apply("less", null, b.Apply("add", null, b.Apply("div", null, x, y), y), b.Apply("mod", null, x, y)), "x / y + y < x % y");
        Assert.That(tester.Check(Device, 0, 0).Main.Dispatches, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public void A_program_too_long_for_one_call_is_cut()
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var value = tester.Input(TestTensors.Reals(1, [33]));
        for (var i = 0; i < 30; i++) value = b.Apply(i % 2 == 0 ? "tanh" : "neg", null, value);
        tester.Output(value, "30 steps");
        tester.Check(Device, 1e-5, 1e-6);
    }

    [Test]
    public void Conversions_between_families_end_a_program()
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var x = tester.Input(TestTensors.Reals(1, [65], -100, 100));
        var whole = b.Apply("cast", AttributeSet.Empty.With("to", "i32"), b.Apply("mul", null, x, x));
        var back = b.Apply("cast", AttributeSet.Empty.With("to", "f32"), b.Apply("add", null, whole, whole));
        tester.Output(b.Apply("sqrt", null, back), "there and back");
        tester.Output(b.Apply("cast", AttributeSet.Empty.With("to", "bool"), b.Apply("relu", null, x)), "to bool");
        tester.Check(Device);
    }

    [Test]
    public void Channels_last_padding_stays_zero([Values(1, 3, 4, 6, 8)] long channels, [Values] bool fuse)
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        Shape shape = [2, channels, 3, 5];
        var value = b.Apply("prefers_channels_last", null, tester.Input(TestTensors.Reals(1, shape)));
        // Each would put something else than zero into the padding: e^0, 0 + 3, 0 / 0.
        value = b.Apply("exp", null, value);
        foreach (var operand in new Shape[] { shape, [channels, 1, 1], [2, 1, 3, 5], [1, channels, 1, 1], [5], [] })
        {
            value = b.Apply("add", null, value, tester.Input(TestTensors.Reals(operand.Rank + 2, operand)));
            tester.Output(b.Apply("view_of_memory", null, value), $"memory after adding {operand}");
        }
        tester.Output(b.Apply("div", null, value, value), "quotient");
        tester.Output(b.Apply("add", null, b.Constant(TestTensors.Reals(9, [1, channels, 1, 1])), value), "constant by channel");
        tester.Check(Device, 2e-6, 1e-6, o => o with { Fuse = fuse });
    }
}
