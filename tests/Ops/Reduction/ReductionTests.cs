using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Reduction;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Reduction;

/// <summary>Reductions: numbers and gradients on the host.</summary>
internal sealed class ReductionTests
{
    private static AttributeSet Axes(params long[] axes) => AttributeSet.Empty.With(ReductionOperator.Axes, axes);

    [Test]
    public void Numbers()
    {
        var x = Tensor.From([1f, -2, 3, -4, 5, -6], 2, 3);
        Assert.Multiple(() =>
        {
            Assert.That(OnHost.Reals("reduce_sum", Axes(1), x), Is.EqualTo(new[] { 2f, -5 }));
            Assert.That(OnHost.Reals("reduce_mean", Axes(0), x), Is.EqualTo(new[] { -1.5f, 1.5f, -1.5f }));
            Assert.That(OnHost.Reals("reduce_prod", null, x), Is.EqualTo(new[] { -720f }));
            Assert.That(OnHost.Reals("reduce_l1", Axes(-1), x), Is.EqualTo(new[] { 6f, 15 }));
            Assert.That(OnHost.Reals("reduce_l2", null, x)[0], Is.EqualTo(MathF.Sqrt(91)).Within(1e-6f));
            Assert.That(OnHost.Reals("reduce_sum_square", Axes(), x), Is.EqualTo(new[] { 1f, 4, 9, 16, 25, 36 }));
            Assert.That(OnHost.Reals("reduce_log_sum_exp", null, Tensor.From([1e4f, 1e4f], 2))[0], Is.EqualTo(1e4f + MathF.Log(2)).Within(1e-2f));
            Assert.That(OnHost.Run("reduce_max", null, Tensor.From([false, true], 2))[0].ToArray<bool>(), Is.EqualTo(new[] { true }));
        });
    }

    [Test]
    public void Of_nothing()
    {
        var none = TestTensors.Reals(1, [2, 0]);
        Assert.That(OnHost.Reals("reduce_sum", Axes(1), none), Is.EqualTo(new[] { 0f, 0 }));
        Assert.That(OnHost.Reals("reduce_prod", Axes(1), none), Is.EqualTo(new[] { 1f, 1 }));
        Assert.That(OnHost.Reals("reduce_max", Axes(1), none), Is.All.EqualTo(float.NegativeInfinity));
        Assert.That(OnHost.Reals("reduce_min", Axes(1), none), Is.All.EqualTo(float.PositiveInfinity));
        Assert.That(OnHost.Reals("reduce_log_sum_exp", Axes(1), none), Is.All.EqualTo(float.NegativeInfinity));
        Assert.That(OnHost.Reals("reduce_mean", Axes(1), none), Is.All.NaN);
    }

    [Test]
    public void Gradients()
    {
        foreach (var name in new[] { "reduce_sum", "reduce_mean", "reduce_prod", "reduce_l1", "reduce_l2", "reduce_sum_square", "reduce_log_sum", "reduce_log_sum_exp", "reduce_max", "reduce_min" })
        {
            var x = TestTensors.Reals(1, [2, 3, 4], 0.5, 2);
            GradientTester.Check(name, null, 1e-6, x);
            GradientTester.Check(name, Axes(0, -1), 1e-6, x);
            GradientTester.Check(name, Axes(1).With(ReductionOperator.KeepDimensions, true), 1e-6, x);
        }
    }
}

/// <summary>Reductions on every device against the host: all kinds, element types and places of axes.</summary>
internal sealed class ReductionDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly string[] Whole = ["reduce_sum", "reduce_mean", "reduce_prod", "reduce_l1", "reduce_l2", "reduce_sum_square", "reduce_max", "reduce_min"];

    [Test]
    public void Every_reduction_equals_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[], [1], [7], [0], [2, 0, 3], [5, 2], [65, 10], [3, 257], [2, 3, 5], [3, 17, 8], [2, 3, 4, 5, 6], [20011], [600, 5]])
        {
            for (var mask = 0; mask < 1 << shape.Rank; mask++)
            {
                var attributes = AttributeSet.Empty.With(ReductionOperator.Axes, [.. Enumerable.Range(0, shape.Rank).Where(a => (mask >> a & 1) != 0).Select(a => (long)(a - (mask % 2 == 0 ? shape.Rank : 0)))])
                    .With(ReductionOperator.KeepDimensions, mask % 2 == 1);
                foreach (var name in Whole)
                {
                    tester.Add(name, attributes, TestTensors.Reals(++seed, shape, name == "reduce_prod" ? 0.99 : -2, name == "reduce_prod" ? 1.01 : 3));
                    tester.Add(name, attributes, TestTensors.Integers(++seed, DataType.Int32, shape, name == "reduce_prod" ? 1 : -9, name == "reduce_prod" ? 1 : 9));
                }
                tester.Add("reduce_log_sum", attributes, TestTensors.Reals(++seed, shape, 0.5, 2)).Add("reduce_log_sum_exp", attributes, TestTensors.Reals(++seed, shape, -50, 50));
                tester.Add("reduce_max", attributes, TestTensors.Truths(++seed, shape)).Add("reduce_min", attributes, TestTensors.Truths(++seed, shape));
            }
        }
        tester.Check(Device, 2e-5, 2e-4);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Small_sums_of_rows_are_one_call_of_the_same_bits(bool keep)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (Shape shape in (Shape[])[[64, 10], [64, 84], [1, 1], [512, 260], [7, 3, 5], [513, 4], [2, 3, 4, 65]])
        {
            var name = $"x{feeds.Count}";
            feeds[name] = TestTensors.Reals(feeds.Count, shape);
            builder.Output($"y{name}", builder.Apply("reduce_sum", AttributeSet.Empty.With(ReductionOperator.Axes, [.. Enumerable.Range(0, shape.Rank - 1).Select(a => (long)a)]).With(ReductionOperator.KeepDimensions, keep), builder.Input(name, feeds[name].Type)));
        }
        var graph = builder.Build();
        foreach (var variant in new[] { null, "baseline" })
        {
            var (together, calls) = Run(new CompilerOptions { Profile = Device.Profile, Variant = variant });
            var (apart, many) = Run(new CompilerOptions { Profile = Device.Profile, Variant = variant, Fuse = false });
            // Six are short: four in a call, two in another. The seventh goes in chunks of its own.
            Assert.That((calls.Count(k => k == "reduction/sums"), calls.Count(k => k == "reduction/columns")), Is.EqualTo((2, 2)));
            Assert.That(many, Has.None.EqualTo("reduction/sums"));
            foreach (var (name, tensor) in together) Assert.That(tensor.ToArray<float>(), Is.EqualTo(apart[name].ToArray<float>()), name);
        }

        (IReadOnlyDictionary<string, Tensor> Results, List<string> Kernels) Run(CompilerOptions options)
        {
            var plan = GraphCompiler.Compile(graph, options);
            Assert.That(HazardChecker.Check(plan), Is.Empty);
            using var model = CompiledModel.Load(Device, plan);
            using var session = model.CreateSession(slots: 1);
            return (session.Run(feeds), [.. plan.Main.Calls.OfType<DispatchCall>().Select(c => c.Kernel)]);
        }
    }

    [Test]
    public void Sums_of_rows_equal_the_host()
    {
        var tester = new OperatorTester();
        tester.Add("reduce_sum_rows", null, TestTensors.Reals(1, [7, 10]), TestTensors.Reals(2, [64, 12]), TestTensors.Reals(3, [3, 5, 300]));
        tester.Add("reduce_sum_rows", null, TestTensors.Reals(4, [1, 1]), TestTensors.Reals(5, [600, 3])).Add("reduce_sum_rows", null, TestTensors.Reals(6, [0, 5]), TestTensors.Reals(7, [2, 4]));
        tester.Add("reduce_sum_rows", null, TestTensors.Reals(8, [2, 4]), TestTensors.Reals(9, [5, 8]), TestTensors.Reals(10, [511, 65]), TestTensors.Reals(11, [1, 260]));
        tester.Check(Device, 2e-5, 2e-4);
    }

    [Test]
    public void NaN_and_infinity()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Repeat([9, 11], 1, float.NaN, 2, float.PositiveInfinity, -1, 0, float.NegativeInfinity, 3, 4, 5, 6, 7, 8);
        foreach (var axis in new long[] { 0, 1 })
            foreach (var name in Whole) tester.Add(name, AttributeSet.Empty.With(ReductionOperator.Axes, [axis]), x);
        tester.Check(Device, 1e-5, 1e-5);
    }
}
