using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Bounded;

/// <summary>Operators whose results are as long as data say, on every device.</summary>
internal sealed class BoundedTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Elements_that_are_not_zero()
    {
        var tester = new OperatorTester();
        foreach (var shape in new long[][] { [5], [64], [65], [3, 129], [2, 3, 5, 7], [0, 3], [], [1], [100, 200] })
            tester.Add("nonzero", null, TestTensors.Integers(1, DataType.Int32, new Shape(shape), 0, 2)).Add("nonzero", null, TestTensors.Truths(2, new Shape(shape)));
        tester.Add("nonzero", null, TestTensors.Repeat([3, 5], 0f, -0f, float.NaN, 1e-40f, -2)).Add("nonzero", null, Tensor.Zeros(DataType.Float32, [7])).Add("nonzero", null, TestTensors.Repeat([7], 1f));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Slices_that_a_condition_names()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [3, 7, 5]);
        foreach (var axis in new long[] { 0, 1, -1 }) tester.Add("compress", AttributeSet.Empty.With("axis", axis), x, TestTensors.Truths(2, [3]));
        tester.Add("compress", AttributeSet.Empty.With("axis", 1L), x, TestTensors.Truths(3, [9])).Add("compress", null, x, TestTensors.Truths(4, [100])).Add("compress", null, x, TestTensors.Truths(5, [200]));
        tester.Add("compress", null, TestTensors.Integers(6, DataType.Int64, [5], -9, 9), Tensor.Zeros(DataType.Bool, [5])).Add("compress", null, x, Tensor.Zeros(DataType.Bool, [0]));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Distinct_elements()
    {
        var tester = new OperatorTester();
        foreach (var sorted in new[] { true, false })
        {
            var attributes = AttributeSet.Empty.With("sorted", sorted);
            tester.Add("unique", attributes, TestTensors.Integers(1, DataType.Int64, [3, 31], -9, 9)).Add("unique", attributes, TestTensors.Repeat([13], 2f, 1, -0f, 0, float.NaN, -3, 1)).Add("unique", attributes, TestTensors.Truths(2, [5]));
            foreach (var axis in new long[] { 0, 1, -1 }) tester.Add("unique", attributes.With("axis", axis), TestTensors.Integers(3, DataType.Int32, [5, 6, 2], 0, 1));
            tester.Add("unique", attributes, TestTensors.Reals(4, [1])).Add("unique", attributes, TestTensors.Reals(4, [0]));
        }
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Boxes()
    {
        var tester = new OperatorTester();
        foreach (var centres in new[] { false, true })
        foreach (var limit in new long[] { 0, 3, 1000 })
        {
            var attributes = AttributeSet.Empty.With("limit", limit).With("overlap_threshold", 0.3).With("centres", centres);
            tester.Add("non_max_suppression", attributes, TestTensors.Reals(1, [2, 37, 4], 0, 1), TestTensors.Reals(2, [2, 3, 37], 0, 1));
            tester.Add("non_max_suppression", attributes.With("score_threshold", 0.5), TestTensors.Reals(3, [1, 300, 4], 0, 1), TestTensors.Reals(4, [1, 2, 300], 0, 1));
        }
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Sizes_pass_through_what_works_element_by_element()
    {
        var tester = new OperatorTester();
        var x = tester.Input(TestTensors.Integers(1, DataType.Int32, [3, 5], 0, 1));
        var found = tester.Builder.Apply("transpose", null, tester.Builder.Apply("nonzero", null, x));
        var scaled = tester.Builder.Apply("mul", null, tester.Builder.Apply("cast", AttributeSet.Empty.With("to", "f32"), found), tester.Builder.Constant(2.5f));
        Assert.That(scaled.Extent?.Axis, Is.Zero);
        tester.Output(tester.Builder.Apply("exp", null, scaled), "scaled");
        // Other axes may be cut, folded, joined and moved.
        var column = tester.Builder.Apply("slice", TestAttributes.Of("starts", 1).And("ends", 2).And("axes", 1), scaled);
        tester.Output(tester.Builder.Apply("squeeze", TestAttributes.Of("axes", 1), column), "column");
        tester.Output(tester.Builder.Apply("reduce_sum", TestAttributes.Of("axes", 1), scaled), "sum");
        tester.Output(tester.Builder.Apply("reshape", TestAttributes.Of("shape", -1, 2, 1), tester.Builder.Apply("concat", AttributeSet.Empty.With("axis", 1L), column, column)), "joined");
        tester.Check(Device);
    }

    [Test]
    public void A_detection_head_takes_the_boxes_that_remain()
    {
        var tester = new OperatorTester();
        var (boxes, scores) = (tester.Input(TestTensors.Reals(1, [1, 50, 4], 0, 1)), tester.Input(TestTensors.Reals(2, [1, 2, 50], 0, 1)));
        var selected = tester.Builder.Apply("non_max_suppression", AttributeSet.Empty.With("limit", 20L).With("overlap_threshold", 0.4).With("score_threshold", 0.3), boxes, scores);
        var column = tester.Builder.Apply("gather", AttributeSet.Empty.With("axis", 1L), selected, tester.Builder.Constant(Tensor.From([2L], 1)));
        var chosen = tester.Builder.Apply("squeeze", TestAttributes.Of("axes", 1), column);
        tester.Output(tester.Builder.Apply("gather", null, tester.Builder.Apply("squeeze", TestAttributes.Of("axes", 0), boxes), chosen), "boxes");
        var place = tester.Builder.Apply("gather", AttributeSet.Empty.With("axis", 1L), selected, tester.Builder.Constant(Tensor.From([0L, 1, 2], 3)));
        tester.Output(tester.Builder.Apply("gather_nd", null, scores, place), "scores");
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Runs_of_one_session_give_each_its_own_size()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        builder.Output("y", builder.Apply("nonzero", null, builder.Input("x", TensorType.Float(2, 3))));
        var options = new CompilerOptions { Profile = Device.Profile };
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(builder.Build(), options));
        using var session = model.CreateSession();
        foreach (var (values, wanted) in new (float[], long[])[] { ([0, 1, 0, 1, 0, 1], [0, 1, 1, 1, 0, 2]), ([0, 0, 0, 0, 0, 0], []), ([0, 0, 2, 0, 0, 0], [0, 2]) })
        {
            var results = session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.From(values, 2, 3) });
            Assert.That(results["y"].Shape, Is.EqualTo(new Shape(2, wanted.Length / 2)));
            Assert.That(results["y"].ToArray<long>(), Is.EqualTo(wanted));
            Assert.That(results[Graph.CountName("y")].ToArray<long>()[0], Is.EqualTo(wanted.Length / 2));
        }
    }
}
