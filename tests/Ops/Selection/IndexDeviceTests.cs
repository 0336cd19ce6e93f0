using VkNet.Graphs;
using VkNet.Operators.Selection;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Selection;

/// <summary>Gathering, scattering, sorting and running sums on every device against the host, with indices far outside the axes.</summary>
internal sealed class IndexDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly Shape[] Shapes = [[1], [7], [0, 3], [5, 2], [64, 10], [2, 3, 5], [3, 17, 8], [1, 70, 300]];
    private static readonly string[] Reductions = ["none", "add", "mul", "min", "max"];

    private static AttributeSet Axis(long axis) => AttributeSet.Empty.With("axis", axis);

    // Most indices fall on the axis, from either end; a few far outside.
    private static Tensor Indices(int seed, Shape shape, long extent)
    {
        var indices = TestTensors.Integers(seed, DataType.Int64, shape, -extent, extent - 1);
        var values = indices.Values<long>();
        for (var i = 2; i < values.Length; i += 7) values[i] = i % 2 == 0 ? 1000000000 : -1000000000;
        return indices;
    }

    [Test]
    public void Gathering_equals_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var shape in Shapes)
        {
            foreach (var x in new[] { TestTensors.Reals(++seed, shape), TestTensors.Integers(++seed, DataType.Int32, shape, int.MinValue, int.MaxValue), TestTensors.Truths(++seed, shape) })
            {
                for (var axis = 0; axis < shape.Rank; axis++)
                {
                    if (shape[axis] == 0) continue;
                    foreach (Shape taken in (Shape[])[[], [1], [13], [3, 4], [0]]) tester.Add("gather", Axis(axis), x, Indices(++seed, taken, shape[axis]));
                    tester.Add("gather_elements", Axis(axis), x, Indices(++seed, shape.With(axis, 11), shape[axis]));
                }
                if (shape.ElementCount == 0) continue;
                for (var depth = 1; depth <= shape.Rank; depth++) tester.Add("gather_nd", null, x, Indices(++seed, [9, depth], 2));
                if (shape.Rank > 1) tester.Add("gather_nd", AttributeSet.Empty.With(GatherNd.BatchDimensions, 1), x, Indices(++seed, [shape[0], 3, 1], shape[1]));
            }
        }
        var table = TestTensors.Reals(++seed, [40, 12]);
        tester.Add("gather_elements", Axis(1), table, Indices(++seed, [7, 20], 12)).Add("gather_elements", Axis(0), table, Indices(++seed, [50, 5], 40));
        tester.Add("embedding", null, Indices(++seed, [5, 7], 40), table).Add("embedding", null, Indices(++seed, [11], 40), TestTensors.Reals(++seed, [40, 3]));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Scattering_equals_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var shape in Shapes)
        {
            foreach (var isReal in new[] { true, false })
            {
                Tensor Data(Shape sizes) => isReal ? TestTensors.Reals(++seed, sizes) : TestTensors.Integers(++seed, DataType.Int32, sizes, -3, 3);
                for (var axis = 0; axis < shape.Rank; axis++)
                {
                    if (shape[axis] == 0) continue;
                    var updates = shape.With(axis, 5);
                    foreach (var reduction in Reductions) tester.Add("scatter_elements", Axis(axis).With(ScatterOperator.Reduction, reduction), Data(shape), Indices(++seed, updates, Math.Min(3, shape[axis])), Data(updates));
                    tester.Add("scatter_elements", Axis(axis), Data(shape), Indices(++seed, shape.With(axis, 0), 1), Data(shape.With(axis, 0)));
                    if (isReal) tester.Add("gather_gradient", AttributeSet.Empty.With(GatherGradient.Axis, axis).With(GatherGradient.Extent, shape[axis]), Data(updates), Indices(++seed, [5], shape[axis]));
                }
                if (shape.ElementCount == 0) continue;
                foreach (var reduction in Reductions)
                    for (var depth = 1; depth <= shape.Rank; depth++)
                        tester.Add("scatter_nd", AttributeSet.Empty.With(ScatterOperator.Reduction, reduction), Data(shape), Indices(++seed, [6, depth], 2), Data(new Shape([6, .. shape.Skip(depth)])));
                if (shape.Rank > 1) tester.Add("scatter_nd", AttributeSet.Empty.With(GatherNd.BatchDimensions, 1), Data(shape), Indices(++seed, [shape[0], 3, 1], shape[1]), Data(new Shape([shape[0], 3, .. shape.Skip(2)])));
            }
        }
        tester.Add("scatter_elements", Axis(1), TestTensors.Reals(++seed, [40, 12]), Indices(++seed, [7, 5], 12), TestTensors.Reals(++seed, [7, 5]));
        tester.Add("scatter_elements", null, TestTensors.Truths(++seed, [40]), Indices(++seed, [7], 40), TestTensors.Truths(++seed, [7]));
        tester.Add("scatter_elements", AttributeSet.Empty.With(ScatterOperator.Reduction, "max"), TestTensors.Reals(++seed, [4]), Tensor.From([0L, 1, 1], 3), Tensor.From([float.NaN, float.NaN, 1], 3));
        tester.Add("gather_gradient", AttributeSet.Empty.With(GatherGradient.Extent, 1000), TestTensors.Reals(++seed, [700, 20]), Indices(++seed, [700], 1000));
        tester.Add("gather_gradient", AttributeSet.Empty.With(GatherGradient.Extent, 5000), TestTensors.Reals(++seed, [3000]), Indices(++seed, [3000], 5000));
        foreach (var circular in new[] { false, true })
        {
            var attributes = AttributeSet.Empty.With(TensorScatter.Circular, circular);
            tester.Add("tensor_scatter", attributes, TestTensors.Reals(++seed, [2, 3, 7, 5]), TestTensors.Reals(++seed, [2, 3, 4, 5]), Tensor.From([5L, -9], 2));
            tester.Add("tensor_scatter", attributes, TestTensors.Reals(++seed, [2, 7, 8]), TestTensors.Reals(++seed, [2, 3, 8]), Tensor.From([1000000000, 2], 2)).Add("tensor_scatter", attributes, TestTensors.Reals(++seed, [2, 7, 8]), TestTensors.Reals(++seed, [2, 7, 8]));
        }
        tester.Check(Device, 1e-5, 1e-5);
    }

    [Test]
    public void Sorting_equals_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[1], [2], [7], [0, 3], [5, 2], [64, 10], [2, 3, 5], [3, 17, 8], [3, 1024], [1025], [2, 1025], [1, 20, 300], [2, 5003], [5003, 2]])
        {
            Tensor[] kinds = [TestTensors.Reals(++seed, shape), TestTensors.Integers(++seed, DataType.Int32, shape, -3, 3), TestTensors.Repeat(shape, 1, float.NaN, 2, 0, -0f, float.NegativeInfinity, 2, float.PositiveInfinity)];
            foreach (var x in kinds.Take(shape.ElementCount > 1000 ? 1 : 3))
                for (var axis = 0; axis < shape.Rank; axis++)
                    foreach (var k in new[] { 0, 1, 5, 600, shape[axis] }.Where(k => k <= shape[axis]).Distinct())
                        tester.Add("top_k", Axis(axis).With(TopK.K, k).With(TopK.Largest, k % 2 == 1), x);
        }
        var least = TestTensors.Integers(1, DataType.Int32, [3000], int.MinValue, int.MinValue + 1);
        tester.Add("top_k", AttributeSet.Empty.With(TopK.K, 3000), least).Add("top_k", AttributeSet.Empty.With(TopK.K, 3000).With(TopK.Largest, false), TestTensors.Integers(2, DataType.Int32, [3000], int.MaxValue - 1, int.MaxValue));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Running_totals_equal_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[1], [7], [0, 3], [5, 2], [3, 257], [2, 3, 5], [3, 17, 8], [2, 1031, 3], [70, 9, 60], [5003]])
        {
            foreach (var isReal in new[] { true, false })
                for (var axis = 0; axis < shape.Rank; axis++)
                    foreach (var exclusive in new[] { false, true })
                        foreach (var reverse in new[] { false, true })
                        {
                            var attributes = Axis(axis).With(Cumulative.Exclusive, exclusive).With(Cumulative.Reverse, reverse);
                            tester.Add("cumsum", attributes, isReal ? TestTensors.Reals(++seed, shape, 0, 1) : TestTensors.Integers(++seed, DataType.Int32, shape, -9, 9));
                            tester.Add("cumprod", attributes, isReal ? TestTensors.Reals(++seed, shape, 0.99, 1.01) : TestTensors.Integers(++seed, DataType.Int32, shape, -3, 3));
                        }
        }
        tester.Check(Device, 1e-4, 1e-6);
    }
}
