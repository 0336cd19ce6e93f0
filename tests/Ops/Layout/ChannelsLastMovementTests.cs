using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Layout;

/// <summary>Joins, splits and slices of channels-last tensors; what a join reads once is computed where it will lie.</summary>
internal sealed class ChannelsLastMovementTests(string driver) : OnEveryDevice(driver)
{
    private static Value Apply(OperatorTester tester, string name, AttributeSet attributes, params Value?[] inputs) => tester.Builder.Add(StandardOperators.Registry.Get(name), attributes, inputs)[0];

    private static Value Convolved(OperatorTester tester, int seed, Value x, long filters, long kernel = 1, long groups = 1) =>
        Apply(tester, "conv2d", AttributeSet.Empty.With(WindowAttributes.Padding, [kernel / 2]).With(Conv.Groups, groups), x, tester.Builder.Constant(TestTensors.Reals(seed, [filters, x.Shape[1] / groups, kernel, kernel])), null);

    private static Value Joined(OperatorTester tester, params Value[] parts) => Apply(tester, "concat", AttributeSet.Empty.With("axis", 1L), parts);

    private static int Copies(ExecutionPlan plan) => plan.Main.Calls.Count(c => c.Kernel.StartsWith("layout/strided_copy", StringComparison.Ordinal) && c.Node.StartsWith("concat", StringComparison.Ordinal));

    // A device without kernels for channels-last products computes branches densely and copies them; the results were compared all the same.
    private void AssertNoCopies(ExecutionPlan plan)
    {
        if (PackedTiles.Of(Device.Profile).Count > 0) Assert.That(Copies(plan), Is.Zero);
    }

    [Test]
    public void Branches_are_computed_in_their_place()
    {
        var tester = new OperatorTester();
        var x = Convolved(tester, 1, tester.Input(TestTensors.Reals(2, [2, 3, 7, 5])), 8);
        var branches = new[] { Convolved(tester, 3, x, 12, 3), Apply(tester, "relu", AttributeSet.Empty, Convolved(tester, 4, x, 4)), Convolved(tester, 5, x, 8, 3, groups: 8), Convolved(tester, 6, x, 7) };
        tester.Output(Convolved(tester, 7, Joined(tester, branches), 5, 3), "four branches");
        var plan = tester.Check(Device, 1e-4, 1e-4);
        AssertNoCopies(plan);
    }

    [Test]
    public void Winograd_and_pictures_are_computed_in_their_place_too()
    {
        var tester = new OperatorTester();
        var picture = tester.Input(TestTensors.Reals(1, [1, 3, 40, 36]));
        var x = Convolved(tester, 2, picture, 64);
        var branches = new[] { Convolved(tester, 3, picture, 8, 3), Convolved(tester, 4, x, 64, 3), Convolved(tester, 5, x, 68, 3) };
        tester.Output(Convolved(tester, 7, Joined(tester, branches), 5), "a picture's features beside others");
        // Results are around a thousand, and some cancel nearly to nothing.
        var plan = tester.Check(Device, 1e-3, 4e-3);
        AssertNoCopies(plan);
    }

    [Test]
    public void A_join_within_a_join_copies_nothing()
    {
        var tester = new OperatorTester();
        var x = Convolved(tester, 1, tester.Input(TestTensors.Reals(2, [1, 4, 6, 6])), 8);
        var inner = Joined(tester, Convolved(tester, 3, x, 4, 3), Convolved(tester, 4, x, 8));
        tester.Output(Convolved(tester, 5, Joined(tester, Convolved(tester, 6, x, 4), inner, Convolved(tester, 7, x, 3)), 6), "nested");
        var plan = tester.Check(Device, 1e-4, 1e-4);
        AssertNoCopies(plan);
    }

    [Test]
    public void A_branch_read_elsewhere_or_twice_or_pooled_is_copied()
    {
        var tester = new OperatorTester();
        var x = Convolved(tester, 1, tester.Input(TestTensors.Reals(2, [1, 4, 6, 6])), 8);
        var (shared, twice) = (Convolved(tester, 3, x, 4, 3), Convolved(tester, 4, x, 4));
        var pooled = Apply(tester, "max_pool2d", AttributeSet.Empty.With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Padding, [1]), x);
        tester.Output(Convolved(tester, 5, Joined(tester, shared, twice, twice, pooled), 6), "joined");
        tester.Output(Convolved(tester, 6, shared, 3), "shared");
        var plan = tester.Check(Device, 1e-4, 1e-4);
        Assert.That(Copies(plan), Is.EqualTo(4));
    }

    [Test]
    public void Branches_of_odd_channels_are_joined_densely()
    {
        var tester = new OperatorTester();
        var x = Convolved(tester, 1, tester.Input(TestTensors.Reals(2, [1, 4, 6, 6])), 8);
        tester.Output(Convolved(tester, 5, Joined(tester, Convolved(tester, 3, x, 3, 3), Convolved(tester, 4, x, 5)), 6), "odd");
        tester.Check(Device, 1e-4, 1e-4);
    }

    [Test]
    public void Joins_along_other_axes()
    {
        var tester = new OperatorTester();
        var x = Convolved(tester, 1, tester.Input(TestTensors.Reals(2, [2, 4, 5, 3])), 7);
        foreach (var axis in new long[] { 0, 2, 3, -1 })
            tester.Output(Convolved(tester, 5, Apply(tester, "concat", AttributeSet.Empty.With("axis", axis), Convolved(tester, 3, x, 6), Convolved(tester, 4, x, 6)), 6), $"axis {axis}");
        tester.Check(Device, 1e-4, 1e-4);
    }

    [Test]
    public void Slices_and_splits()
    {
        var tester = new OperatorTester();
        var x = Convolved(tester, 1, tester.Input(TestTensors.Reals(2, [2, 4, 7, 5])), 18);
        foreach (var (starts, ends, axes, steps) in new (long[], long[], long[], long[])[]
                 {
                     ([4], [12], [1], [1]), ([8], [18], [1], [1]), ([1], [6], [2], [2]), ([-1], [-9], [3], [-1]), ([1, 0, 4], [2, 3, 16], [0, 2, 1], [1, 1, 1]), ([3], [9], [1], [1]), ([0], [18], [1], [2]),
                 })
        {
            var slice = Apply(tester, "slice", TestAttributes.Of("starts", starts).And("ends", ends).And("axes", axes).And("steps", steps), x);
            tester.Output(Convolved(tester, 3, slice, 4), $"slice {string.Join(',', starts)}");
        }
        foreach (var sizes in new long[][] { [4, 8, 6], [8, 10], [5, 13] })
        foreach (var part in tester.Builder.Add(StandardOperators.Registry.Get("split"), AttributeSet.Empty.With("axis", 1L).With("sizes", sizes), [x]))
            tester.Output(Convolved(tester, 4, part, 4), $"split {string.Join(',', sizes)}");
        foreach (var part in tester.Builder.Add(StandardOperators.Registry.Get("split"), AttributeSet.Empty.With("axis", 2L).With("sizes", new long[] { 3, 4 }), [x]))
            tester.Output(Convolved(tester, 4, part, 4), "split of rows");
        tester.Check(Device, 1e-4, 1e-4);
    }
}
