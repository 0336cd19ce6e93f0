using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Layout;

/// <summary>Views and copies on every device, over shapes that take every path of the kernels.</summary>
internal sealed class MovementTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Transposes()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var shape in new long[][] { [3, 5], [4, 8], [64, 36], [1, 7], [33, 129], [0, 3] })
            tester.Add("transpose", null, TestTensors.Reals(++seed, new Shape(shape))).Add("transpose", null, TestTensors.Integers(seed, DataType.Int32, new Shape(shape), int.MinValue, int.MaxValue));
        foreach (var order in new long[][] { [0, 2, 1, 3], [0, 3, 1, 2], [0, 2, 3, 1], [3, 2, 1, 0], [1, 0, 2, 3], [2, 0, 3, 1], [0, 1, 2, 3] })
        foreach (var shape in new long[][] { [2, 3, 4, 5], [2, 4, 8, 4], [1, 8, 1, 12], [3, 5, 7, 2] })
            tester.Add("transpose", TestAttributes.Of("permutation", order), TestTensors.Reals(++seed, new Shape(shape)));
        tester.Add("transpose", TestAttributes.Of("permutation", [6, 4, 2, 0, 1, 3, 5]), TestTensors.Reals(++seed, [2, 3, 2, 2, 3, 2, 2]));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Slices()
    {
        var x = TestTensors.Reals(1, [5, 6, 8]);
        var tester = new OperatorTester();
        (long[] Starts, long[] Ends, long[] Axes, long[] Steps)[] cases =
        [
            ([1], [4], [0], [1]), ([0, 1], [5, 3], [0, 1], [1, 1]), ([4], [8], [2], [1]), ([1], [7], [2], [2]), ([-1], [-7], [2], [-1]), ([-1], [long.MinValue], [0], [-1]),
            ([100], [-100], [2], [-3]), ([-100], [100], [1], [1]), ([3], [3], [0], [1]), ([4], [1], [0], [1]), ([0, 0, 0], [long.MaxValue, 5, 4], [0, 1, 2], [2, 1, 1]),
            ([4, 5, 7], [-6, -7, -9], [0, 1, 2], [-1, -1, -1]), ([2], [int.MaxValue], [-1], [1]), ([0], [1], [0], [1]), ([4], [5], [0], [1]),
        ];
        foreach (var (starts, ends, axes, steps) in cases)
            tester.Add("slice", TestAttributes.Of("starts", starts).And("ends", ends).And("axes", axes).And("steps", steps), x);
        tester.Add("slice", TestAttributes.Of("starts", [1, 2]).And("ends", [4, 5]), x);
        // Rows of 64 numbers start where any device can bind a tensor: a view.
        tester.Add("slice", TestAttributes.Of("starts", [2]).And("ends", [5]), TestTensors.Reals(2, [6, 64]));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Splits_and_joins()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [6, 4, 64]);
        foreach (var axis in new long[] { 0, 1, 2, -1 }) tester.Add("split", AttributeSet.Empty.With("axis", axis), x);
        tester.Add("split", AttributeSet.Empty.With("axis", 0L).With("parts", 4L), TestTensors.Reals(2, [7, 3]));
        tester.Add("split", AttributeSet.Empty.With("axis", 1L).With("sizes", new long[] { 1, 0, 3 }), x);
        foreach (var axis in new long[] { 0, 1, -1 })
            tester.Add("concat", AttributeSet.Empty.With("axis", axis), TestTensors.Reals(3, [2, 3, 4]), TestTensors.Reals(4, [2, 3, 4]), TestTensors.Reals(5, [2, 3, 4]));
        tester.Add("concat", null, TestTensors.Reals(6, [2, 3, 7]), TestTensors.Reals(7, [2, 1, 7]), TestTensors.Reals(8, [2, 0, 7]), TestTensors.Reals(9, [2, 5, 7]));
        tester.Add("concat", AttributeSet.Empty.With("axis", 0L), TestTensors.Truths(1, [5]), TestTensors.Truths(2, [6]));
        tester.Add("concat", AttributeSet.Empty.With("axis", 0L), TestTensors.Integers(1, DataType.Int64, [5], -9, 9), TestTensors.Integers(2, DataType.Int64, [0], -9, 9));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Padding()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [2, 3, 5]);
        foreach (var mode in new[] { "constant", "reflect", "edge", "wrap" })
        foreach (var pads in new long[][] { [0, 0, 1, 0, 0, 2], [1, 2, 3, 1, 1, 4], [0, -1, -1, 0, 2, -2], [0, 2, 0, 0, 2, 0], [0, 0, 0, 0, 0, 0] })
            tester.Add("pad", TestAttributes.Of("pads", pads).With("mode", mode).With("value", 1.5), mode == "reflect" ? TestTensors.Reals(1, [3, 4, 6]) : x);
        tester.Add("pad", TestAttributes.Of("pads", [1, 1]).With("mode", "reflect"), TestTensors.Reals(2, [1])).Add("pad", TestAttributes.Of("pads", [7, 9]).With("mode", "reflect"), TestTensors.Reals(2, [3]));
        tester.Add("pad", TestAttributes.Of("pads", [7, 9]).With("mode", "wrap"), TestTensors.Reals(2, [3]));
        tester.Add("pad", TestAttributes.Of("pads", [1, 0, 0, 2, 0, 0]), TestTensors.Reals(3, [2, 3, 8])).Add("pad", TestAttributes.Of("pads", [1, 3]).With("axes", new long[] { -2 }).With("value", -7.0), TestTensors.Reals(3, [2, 3, 8]));
        tester.Add("pad", TestAttributes.Of("pads", [2, 1]).With("value", -3.0), TestTensors.Integers(4, DataType.Int32, [6], -9, 9)).Add("pad", TestAttributes.Of("pads", [2, 1]), TestTensors.Reals(5, [4]), Tensor.Scalar(2.5f));
        tester.Add("pad", TestAttributes.Of("pads", [2, 1]).With("value", 4.0), TestTensors.Reals(5, [0]));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Repetition_and_blocks()
    {
        var tester = new OperatorTester();
        tester.Add("tile", TestAttributes.Of("repeats", [2, 3]), TestTensors.Reals(1, [3, 5])).Add("tile", TestAttributes.Of("repeats", [1, 2, 3, 2]), TestTensors.Reals(2, [2, 3, 2, 4]));
        tester.Add("tile", TestAttributes.Of("repeats", [2, 2, 2, 2, 2]), TestTensors.Reals(3, [2, 1, 3, 2, 2])).Add("tile", TestAttributes.Of("repeats", [0, 3]), TestTensors.Reals(1, [3, 5]));
        tester.Add("expand", TestAttributes.Of("shape", [4, 1, 5]), TestTensors.Reals(4, [3, 1])).Add("expand", TestAttributes.Of("shape", [2, 3]), TestTensors.Truths(5, [1])).Add("expand", TestAttributes.Of("shape", [3, 1]), TestTensors.Integers(6, DataType.Int64, [3, 4], -9, 9));
        foreach (var mode in new[] { "dcr", "crd" })
        foreach (var block in new long[] { 1, 2, 3 })
        {
            var attributes = AttributeSet.Empty.With("block_size", block).With("mode", mode);
            tester.Add("depth_to_space", attributes, TestTensors.Reals(7, [2, 2 * block * block, 3, 4])).Add("space_to_depth", attributes, TestTensors.Reals(8, [2, 2, 3 * block, 4 * block]));
        }
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Views()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [2, 1, 3, 1]);
        foreach (var axis in new long[] { 0, 1, 3, 4, -1 }) tester.Add("flatten", AttributeSet.Empty.With("axis", axis), x);
        tester.Add("squeeze", null, x).Add("squeeze", TestAttributes.Of("axes", [-1]), x).Add("unsqueeze", TestAttributes.Of("axes", [0, -1, 3]), x).Add("reshape", TestAttributes.Of("shape", [3, -1]), x);
        tester.Add("put_slice", TestAttributes.Of("shape", [4, 7]).And("starts", [3, 1]).And("steps", [-2, 3]), TestTensors.Reals(2, [2, 2]));
        Assert.That(tester.Check(Device, 0, 0).Main.Dispatches, Is.EqualTo(1));
    }

    [Test]
    public void Generated_tensors()
    {
        var tester = new OperatorTester();
        // Beyond the size that is computed while the graph is built.
        tester.Add("fill", TestAttributes.Of("shape", [71, 73]).With("value", 2.5)).Add("fill", TestAttributes.Of("shape", [71, 73]).With("value", -3.0).With("type", "i64")).Add("fill", TestAttributes.Of("shape", [71, 73]).With("value", 1.0).With("type", "bool"));
        tester.Add("eye", AttributeSet.Empty.With("rows", 71L)).Add("eye", AttributeSet.Empty.With("rows", 71L).With("columns", 101L).With("diagonal", 4L).With("type", "i32")).Add("eye", AttributeSet.Empty.With("rows", 71L).With("columns", 101L).With("diagonal", -100L));
        tester.Add("range", AttributeSet.Empty.With("limit", 5001.0).With("type", "i32")).Add("range", AttributeSet.Empty.With("start", 3.0).With("limit", -2000.0).With("delta", -0.25));
        tester.Add("constant", AttributeSet.Empty.With("values", new[] { 1.0, 2, 3, 4 }).With("shape", new long[] { 2, 2 }));
        foreach (var upper in new[] { true, false })
        foreach (var diagonal in new long[] { 0, 1, -2, 100, -100, long.MaxValue })
            tester.Add("trilu", AttributeSet.Empty.With("upper", upper).With("diagonal", diagonal), TestTensors.Reals(1, [2, 5, 7]));
        tester.Check(Device, 1e-7, 0);
    }

    [Test]
    public void Reference_answers()
    {
        // Written out by hand, so that the host evaluator and the kernels are not merely wrong together.
        var builder = new GraphBuilder(StandardOperators.Registry);
        float[] Of(string name, AttributeSet attributes, Tensor x) => builder.Apply(name, attributes, builder.Constant(x)).Constant!.ToArray<float>();
        var matrix = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3);
        Assert.That(Of("transpose", AttributeSet.Empty, matrix), Is.EqualTo(new float[] { 1, 4, 2, 5, 3, 6 }));
        Assert.That(Of("slice", TestAttributes.Of("starts", [-1]).And("ends", [-4]).And("axes", [1]).And("steps", [-2]), matrix), Is.EqualTo(new float[] { 3, 1, 6, 4 }));
        Assert.That(Of("pad", TestAttributes.Of("pads", [0, 2, 0, 2]).With("mode", "reflect"), matrix), Is.EqualTo(new float[] { 3, 2, 1, 2, 3, 2, 1, 6, 5, 4, 5, 6, 5, 4 }));
        Assert.That(Of("pad", TestAttributes.Of("pads", [0, 1, 0, 1]).With("mode", "wrap"), matrix), Is.EqualTo(new float[] { 3, 1, 2, 3, 1, 6, 4, 5, 6, 4 }));
        Assert.That(Of("pad", TestAttributes.Of("pads", [0, -1, 1, 0]).With("value", 9.0), matrix), Is.EqualTo(new float[] { 2, 3, 5, 6, 9, 9 }));
        Assert.That(Of("tile", TestAttributes.Of("repeats", [1, 2]), matrix), Is.EqualTo(new float[] { 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6 }));
        Assert.That(Of("depth_to_space", AttributeSet.Empty.With("block_size", 2L), Tensor.From([1f, 2, 3, 4], 1, 4, 1, 1)), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
        Assert.That(Of("trilu", AttributeSet.Empty.With("diagonal", 1L), matrix), Is.EqualTo(new float[] { 0, 2, 3, 0, 0, 6 }));
    }

    [TestCase("transpose", "VKN2115"), TestCase("slice", "VKN2117"), TestCase("concat", "VKN2119"), TestCase("split", "VKN2119"), TestCase("pad", "VKN2129")]
    [TestCase("tile", "VKN2125"), TestCase("squeeze", "VKN2113"), TestCase("depth_to_space", "VKN2126"), TestCase("unsqueeze", "VKN2103"), TestCase("range", "VKN2128")]
    public void What_does_not_fit_is_refused(string name, string code)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (x, y) = (builder.Input("x", TensorType.Float(2, 3, 4, 5)), builder.Input("y", TensorType.Float(2, 4, 4, 5)));
        Action act = name switch
        {
            "transpose" => () => builder.Apply(name, TestAttributes.Of("permutation", [0, 1, 2, 2]), x),
            "slice" => () => builder.Apply(name, TestAttributes.Of("starts", [0]).And("ends", [1]).And("steps", [0]), x),
            "concat" => () => builder.Apply(name, AttributeSet.Empty.With("axis", 0L), x, y),
            "split" => () => builder.Apply(name, AttributeSet.Empty.With("axis", 1L).With("sizes", new long[] { 1, 1 }), x),
            "pad" => () => builder.Apply(name, TestAttributes.Of("pads", [-1, 0, 0, 0, -2, 0, 0, 0]), x),
            "tile" => () => builder.Apply(name, TestAttributes.Of("repeats", [1, 2]), x),
            "squeeze" => () => builder.Apply(name, TestAttributes.Of("axes", [1]), x),
            "depth_to_space" => () => builder.Apply(name, AttributeSet.Empty.With("block_size", 2L), x),
            "unsqueeze" => () => builder.Apply(name, TestAttributes.Of("axes", [7]), x),
            _ => () => builder.Apply(name, AttributeSet.Empty.With("limit", 3.0).With("delta", 0.0)),
        };
        Assert.That(() => act(), Throws.TypeOf<VkNetException>().With.Message.Contains(code));
    }
}
