using VkNet.Graphs;
using VkNet.Operators.Losses;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Losses;

/// <summary>Softmax and its relatives: numbers and gradients on the host.</summary>
internal sealed class SoftmaxTests
{
    private static AttributeSet Axis(long axis) => AttributeSet.Empty.With(Softmax.Axis, axis);

    [Test]
    public void Scores_of_the_lecture()
    {
        // Lecture 3: scores of three pictures for cat, car, frog, and their softmax.
        var scores = Tensor.From([3.2f, 5.1f, -1.7f, 1.3f, 4.9f, 2.0f, 2.2f, 2.5f, -3.1f], 3, 3);
        Assert.That(OnHost.Reals("softmax", null, scores), Is.EqualTo(new[] { 0.1299825f, 0.8690495f, 0.0009679f, 0.0252449f, 0.9239182f, 0.0508370f, 0.4246554f, 0.5732249f, 0.0021197f }).Within(1e-6f));
    }

    [Test]
    public void Large_scores_do_not_overflow()
    {
        var x = Tensor.From([1e4f, 1e4f, -1e4f, 1e4f - 1, 3e38f, -3e38f], 3, 2);
        Assert.That(OnHost.Reals("softmax", null, x), Is.EqualTo(new[] { 0.5f, 0.5f, 0, 1, 1, 0 }));
        Assert.That(OnHost.Reals("log_softmax", null, x)[..2], Is.EqualTo(new[] { -0.6931472f, -0.6931472f }).Within(1e-6f));
    }

    [Test]
    public void The_first_of_equal_elements_is_the_largest() =>
        Assert.That(OnHost.Reals("hardmax", null, Tensor.From([1f, 3, 3, float.NaN, 0, float.NaN], 2, 3)), Is.EqualTo(new[] { 0f, 1, 0, 1, 0, 0 }));

    [Test]
    public void Gradients()
    {
        foreach (var name in new[] { "softmax", "log_softmax" })
        {
            foreach (var axis in new long[] { 0, 1, -1 }) GradientTester.Check(name, Axis(axis), 1e-6, TestTensors.Reals(1, [3, 4, 5]));
            GradientTester.Check($"{name}_gradient", Axis(1), 1e-6, TestTensors.Reals(1, [3, 4]), TestTensors.Reals(2, [3, 4]));
        }
    }

    [Test]
    public void Shapes_that_do_not_fit()
    {
        Faults.Expect("VKN2250", () => OnHost.Run("softmax", null, Tensor.Scalar(1f)));
        Faults.Expect("VKN2103", () => OnHost.Run("softmax", Axis(2), TestTensors.Reals(1, [2, 3])));
        Faults.Expect("VKN2102", () => OnHost.Run("log_softmax", null, TestTensors.Integers(1, DataType.Int32, [2, 3], 0, 5)));
        Faults.Expect("VKN2251", () => OnHost.Run("softmax_gradient", null, TestTensors.Reals(1, [2, 3]), TestTensors.Reals(1, [2, 4])));
    }
}

/// <summary>Softmax and its relatives on every device against the host.</summary>
internal sealed class SoftmaxDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly Shape[] Shapes =
        [[1], [7], [0, 3], [3, 0], [1, 1], [5, 2], [64, 10], [3, 64], [3, 65], [20, 257], [2, 3, 5], [2, 17, 8], [1, 70, 1100], [40003], [2, 40004], [33000, 2], [33001, 4]];

    private static OperatorTester Cases()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var shape in Shapes)
        {
            var x = TestTensors.Reals(++seed, shape, -8, 8);
            for (var axis = 0; axis < shape.Rank; axis++)
            {
                var attributes = AttributeSet.Empty.With(Softmax.Axis, axis);
                tester.Add("softmax", attributes, x).Add("log_softmax", attributes, x).Add("hardmax", attributes, x);
            }
        }
        foreach (Shape shape in (Shape[])[[4, 5], [5, 4], [1, 20], [20, 1], [2, 10]])
        {
            var x = TestTensors.Repeat(shape, 1e4f, 1e4f - 1, -1e4f, 3e38f, float.NegativeInfinity, 0, -0f, 1, float.NegativeInfinity, float.NegativeInfinity, float.PositiveInfinity, float.NaN);
            for (var axis = 0; axis < 2; axis++)
                foreach (var name in new[] { "softmax", "log_softmax", "hardmax" }) tester.Add(name, AttributeSet.Empty.With(Softmax.Axis, axis), x);
        }
        return tester;
    }

    [Test]
    public void Every_softmax_equals_the_host() => Cases().Check(Device, 1e-5, 2e-6);

    [Test]
    public void The_baseline_equals_the_host() => Cases().Check(Device, 1e-5, 2e-6, o => o with { Variant = "baseline" });

    [Test]
    public void Every_gradient_equals_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var shape in Shapes)
        {
            for (var axis = 0; axis < shape.Rank; axis++)
            {
                var attributes = AttributeSet.Empty.With(Softmax.Axis, axis);
                // About what a softmax gives: the larger the row, the smaller its elements.
                tester.Add("softmax_gradient", attributes, TestTensors.Reals(++seed, shape, 0, 2.0 / Math.Max(1, shape[axis])), TestTensors.Reals(++seed, shape));
                tester.Add("log_softmax_gradient", attributes, TestTensors.Reals(++seed, shape, -9, -Math.Log(Math.Max(1, shape[axis]))), TestTensors.Reals(++seed, shape));
            }
        }
        tester.Check(Device, 1e-5, 2e-5);
    }

    [Test]
    public void Long_rows_with_infinities()
    {
        var x = TestTensors.Reals(1, [2, 50001], -5, 5);
        x.Values<float>()[..30000].Fill(float.NegativeInfinity);
        var all = TestTensors.Repeat([40001], float.NegativeInfinity);
        new OperatorTester().Add("softmax", null, x).Add("log_softmax", null, x).Add("softmax", null, all).Check(Device, 1e-5, 1e-6);
    }
}
