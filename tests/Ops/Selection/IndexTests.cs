using VkNet.Graphs;
using VkNet.Operators.Selection;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Selection;

/// <summary>Gathering, scattering, sorting and running sums: numbers and gradients on the host.</summary>
internal sealed class IndexTests
{
    private static AttributeSet Axis(long axis) => AttributeSet.Empty.With("axis", axis);

    private static AttributeSet Reduced(string reduction) => AttributeSet.Empty.With(ScatterOperator.Reduction, reduction);

    [Test]
    public void Negative_indices_count_from_the_end_and_others_outside_are_limited()
    {
        var x = Tensor.From([10f, 11, 12, 13], 4);
        Assert.That(OnHost.Reals("gather", null, x, Tensor.From([-1L, -4, -5, 3, 4, 1000000000], 6)), Is.EqualTo(new[] { 13f, 10, 10, 13, 13, 13 }));
        Assert.That(OnHost.Reals("gather_elements", null, x, Tensor.From([-2L, 7], 2)), Is.EqualTo(new[] { 12f, 13 }));
        Assert.That(OnHost.Reals("gather_nd", null, x, Tensor.From([-2L, 7], 2, 1)), Is.EqualTo(new[] { 12f, 13 }));
        Assert.That(OnHost.Reals("scatter_elements", null, x, Tensor.From([-1L, 9], 2), Tensor.From([1f, 2], 2)), Is.EqualTo(new[] { 10f, 11, 12, 2 }));
    }

    [Test]
    public void Updates_of_one_element_take_effect_in_order()
    {
        var (x, indices, updates) = (Tensor.From([1f, 2, 3], 3), Tensor.From([1, 1, 2, 1], 4), Tensor.From([5f, 7, 4, 6], 4));
        Assert.That(OnHost.Reals("scatter_elements", null, x, indices, updates), Is.EqualTo(new[] { 1f, 6, 4 }));
        Assert.That(OnHost.Reals("scatter_elements", Reduced("add"), x, indices, updates), Is.EqualTo(new[] { 1f, 20, 7 }));
        Assert.That(OnHost.Reals("scatter_elements", Reduced("mul"), x, indices, updates), Is.EqualTo(new[] { 1f, 420, 12 }));
        Assert.That(OnHost.Reals("scatter_elements", Reduced("max"), x, indices, updates), Is.EqualTo(new[] { 1f, 7, 4 }));
        Assert.That(OnHost.Reals("scatter_elements", Reduced("min"), x, indices, updates), Is.EqualTo(new[] { 1f, 2, 3 }));
    }

    [Test]
    public void The_best_elements_come_in_order_and_equal_ones_as_they_stand()
    {
        var x = Tensor.From([2f, float.NaN, 5, -0f, 5, 0], 6);
        var best = OnHost.Run("top_k", AttributeSet.Empty.With(TopK.K, 6), x);
        Assert.That(best[1].ToArray<long>(), Is.EqualTo(new long[] { 1, 2, 4, 0, 3, 5 }));
        var least = OnHost.Run("top_k", AttributeSet.Empty.With(TopK.K, 3).With(TopK.Largest, false), x);
        Assert.That(least[1].ToArray<long>(), Is.EqualTo(new long[] { 1, 3, 5 }));
    }

    [Test]
    public void Running_sums_and_products()
    {
        var x = Tensor.From([1f, 2, 3, 4], 4);
        Assert.That(OnHost.Reals("cumsum", null, x), Is.EqualTo(new[] { 1f, 3, 6, 10 }));
        Assert.That(OnHost.Reals("cumsum", AttributeSet.Empty.With(Cumulative.Exclusive, true).With(Cumulative.Reverse, true), x), Is.EqualTo(new[] { 9f, 7, 4, 0 }));
        Assert.That(OnHost.Reals("cumprod", AttributeSet.Empty.With(Cumulative.Exclusive, true), x), Is.EqualTo(new[] { 1f, 1, 2, 6 }));
    }

    [Test]
    public void A_table_comes_into_being_with_its_node()
    {
        var builder = new GraphBuilder(Operators.StandardOperators.Registry);
        var indices = builder.Input("indices", new TensorType(DataType.Int32, [3]));
        var embedding = Operators.StandardOperators.Registry.Get("embedding");
        Faults.Expect("VKN2105", () => builder.Add(embedding, AttributeSet.Empty, [indices]));
        Assert.That(OnHost.Reals("embedding", null, Tensor.From([1, 0, 1], 3), Tensor.From([1f, 2, 3, 4], 2, 2)), Is.EqualTo(new[] { 3f, 4, 1, 2, 3, 4 }));
    }

    [Test]
    public void Gradients()
    {
        var x = TestTensors.Reals(1, [4, 3, 2]);
        Tensor Indices(int seed, params long[] shape) => TestTensors.Integers(seed, DataType.Int64, new Shape(shape), -2, 1);
        foreach (var axis in new long[] { 0, 1, -1 })
        {
            GradientTester.Check("gather", Axis(axis), 1e-6, x, Indices(2, 3, 2));
            GradientTester.Check("gather_elements", Axis(axis), 1e-6, x, Indices(3, 2, 3, 2));
            foreach (var reduction in new[] { "none", "add" })
                GradientTester.Check("scatter_elements", Axis(axis).With(ScatterOperator.Reduction, reduction), 1e-6, x, Indices(4, 3, 3, 2), TestTensors.Reals(5, [3, 3, 2]));
            GradientTester.Check("top_k", Axis(axis).With(TopK.K, 2), 1e-6, x);
            foreach (var name in new[] { "cumsum", "cumprod" })
            {
                GradientTester.Check(name, Axis(axis), 1e-6, TestTensors.Reals(6, [4, 3, 2], 0.5, 2));
                GradientTester.Check(name, Axis(axis).With(Cumulative.Exclusive, true).With(Cumulative.Reverse, true), 1e-6, TestTensors.Reals(6, [4, 3, 2], 0.5, 2));
            }
        }
        GradientTester.Check("gather_gradient", AttributeSet.Empty.With(GatherGradient.Extent, 5), 1e-6, TestTensors.Reals(1, [3, 2, 2]), Indices(7, 3, 2));
        GradientTester.Check("embedding", null, 1e-6, Indices(8, 3, 4), TestTensors.Reals(1, [3, 2]));
        GradientTester.Check("gather_nd", null, 1e-6, x, Indices(9, 5, 2));
        GradientTester.Check("gather_nd", AttributeSet.Empty.With(GatherNd.BatchDimensions, 1), 1e-6, x, Indices(9, 4, 3, 1));
        foreach (var reduction in new[] { "none", "add" }) GradientTester.Check("scatter_nd", Reduced(reduction), 1e-6, x, Indices(10, 6, 2), TestTensors.Reals(11, [6, 2]));
        Faults.Expect("VKN5001", () => GradientTester.Check("scatter_nd", Reduced("max"), 1e-6, x, Indices(10, 6, 2), TestTensors.Reals(11, [6, 2])));
    }

    [Test]
    public void Shapes_that_do_not_fit()
    {
        var (x, ones) = (TestTensors.Reals(1, [3, 4]), Tensor.From([1L, 1, 1], 3));
        Faults.Expect("VKN2260", () => OnHost.Run("gather", null, Tensor.Scalar(1f), ones));
        Faults.Expect("VKN2122", () => OnHost.Run("gather", null, x, TestTensors.Reals(1, [2])));
        Faults.Expect("VKN2261", () => OnHost.Run("gather", null, TestTensors.Reals(1, [0, 4]), ones));
        Faults.Expect("VKN2262", () => OnHost.Run("gather_elements", null, x, ones));
        Faults.Expect("VKN2262", () => OnHost.Run("scatter_elements", null, x, TestTensors.Integers(1, DataType.Int32, [3, 5], 0, 1), TestTensors.Reals(1, [3, 5])));
        Faults.Expect("VKN2264", () => OnHost.Run("gather_nd", null, x, ones));
        Faults.Expect("VKN2265", () => OnHost.Run("scatter_nd", null, x, TestTensors.Integers(1, DataType.Int32, [3, 2], 0, 1), ones));
        Faults.Expect("VKN2266", () => OnHost.Run("scatter_nd", null, x, TestTensors.Integers(1, DataType.Int32, [3, 2], 0, 1), TestTensors.Reals(1, [2])));
        Faults.Expect("VKN2267", () => OnHost.Run("top_k", AttributeSet.Empty.With(TopK.K, 5), x));
        Faults.Expect("VKN2268", () => OnHost.Run("cumsum", null, TestTensors.Truths(1, [3])));
        Faults.Expect("VKN2269", () => OnHost.Run("tensor_scatter", null, x, x, ones));
    }
}
