using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Pooling;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Pooling;

/// <summary>Numbers, rounding rules and gradients of poolings, on the host.</summary>
internal sealed class PoolingTests
{
    private static AttributeSet Window(long[] kernel, long[]? stride = null, long[]? padding = null, long[]? dilation = null) => AttributeSet.Empty
        .With(WindowAttributes.Kernel!, kernel).With(WindowAttributes.Stride, stride ?? [1]).With(WindowAttributes.Padding, padding ?? [0]).With(WindowAttributes.Dilation, dilation ?? [1]);

    [Test]
    public void Maxima_of_the_lectures()
    {
        var x = Tensor.From([1f, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4], 1, 1, 4, 4);
        Assert.That(OnHost.Reals("max_pool2d", Window([2], [2]), x), Is.EqualTo(new float[] { 6, 8, 3, 4 }));
        var remembered = OnHost.Run("max_pool2d", Window([2], [2]).With(MaxPool.WithIndices, true), Tensor.From([1f, 2, 6, 3, 3, 5, 2, 1, 1, 2, 2, 1, 7, 3, 4, 8], 1, 1, 4, 4));
        Assert.That(remembered[0].ToArray<float>(), Is.EqualTo(new float[] { 5, 6, 7, 8 }));
        Assert.That(remembered[1].ToArray<long>(), Is.EqualTo(new long[] { 5, 2, 12, 15 }));
        var unpooled = OnHost.Reals("max_unpool2d", Window([2], [2]), Tensor.From([1f, 2, 3, 4], 1, 1, 2, 2), remembered[1]);
        Assert.That(unpooled, Is.EqualTo(new float[] { 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4 }));
    }

    [Test]
    public void Unpooling_of_the_lectures()
    {
        var x = Tensor.From([1f, 2, 3, 4], 1, 1, 2, 2);
        Assert.That(OnHost.Reals("unpool2d", null, x), Is.EqualTo(new float[] { 1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4 }));
        Assert.That(OnHost.Reals("unpool2d", AttributeSet.Empty.With(Unpool.Mode, "bed_of_nails"), x), Is.EqualTo(new float[] { 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void Sizes_of_the_lectures()
    {
        Shape Pooled(long size, long kernel, long stride) => OnHost.Run("max_pool2d", Window([kernel], [stride]), Tensor.Zeros(DataType.Float32, [1, 1, size, size]))[0].Shape;
        Assert.That(Pooled(55, 3, 2)[2], Is.EqualTo(27));
        Assert.That(Pooled(27, 3, 2)[2], Is.EqualTo(13));
        Assert.That(Pooled(13, 3, 2)[2], Is.EqualTo(6));
        Assert.That(Pooled(224, 2, 2)[2], Is.EqualTo(112));
    }

    [Test]
    public void A_window_that_hangs_over_counts_only_if_it_begins_inside()
    {
        var x = TestTensors.Reals(1, [1, 1, 5]);
        var ceiling = Window([3], [2], [0, 0]).With(PoolAttributes.CeilMode, true);
        Assert.That(OnHost.Run("max_pool1d", ceiling, TestTensors.Reals(1, [1, 1, 6]))[0].Shape[2], Is.EqualTo(3));
        Assert.That(OnHost.Run("max_pool1d", ceiling, x)[0].Shape[2], Is.EqualTo(2));
        // With stride 2 and kernel 1, a fourth window would begin beyond the end.
        Assert.That(OnHost.Run("max_pool1d", Window([1], [2], [0, 2]).With(PoolAttributes.CeilMode, true), x)[0].Shape[2], Is.EqualTo(3));
    }

    [Test]
    public void Averages_count_what_they_are_told()
    {
        var x = Tensor.From([1f, 2, 3, 4, 5], 1, 1, 5);
        Assert.That(OnHost.Reals("avg_pool1d", Window([3], padding: [1]), x), Is.EqualTo(new[] { 1.5f, 2, 3, 4, 4.5f }));
        Assert.That(OnHost.Reals("avg_pool1d", Window([3], padding: [1]).With(PoolAttributes.CountIncludePad, true), x), Is.EqualTo(new[] { 1f, 2, 3, 4, 3 }));
        // What hangs over the padded end is never counted.
        var ceiling = Window([3], [2], [1, 1]).With(PoolAttributes.CountIncludePad, true).With(PoolAttributes.CeilMode, true);
        Assert.That(OnHost.Reals("avg_pool1d", ceiling, Tensor.From([1f, 2, 3, 4], 1, 1, 4)), Is.EqualTo(new[] { 1f, 3, 2 }));
    }

    [Test]
    public void Not_a_number_wins_and_padding_never_does()
    {
        var x = Tensor.From([-5f, float.NaN, -7, float.NegativeInfinity, -8, -9], 1, 1, 6);
        var y = OnHost.Run("max_pool1d", Window([2], [2], [1, 1]).With(MaxPool.WithIndices, true), x);
        Assert.That(y[0].ToArray<float>(), Is.EqualTo(new[] { -5, float.NaN, -8, -9 }));
        Assert.That(y[1].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 4, 5 }));
    }

    [Test]
    public void Adaptive_windows_share_out_evenly()
    {
        var x = Tensor.From([1f, 2, 3, 4, 5, 6, 7], 1, 1, 7);
        Assert.That(OnHost.Reals("adaptive_avg_pool1d", AttributeSet.Empty.With(PoolAttributes.OutputSize!, [3]), x), Is.EqualTo(new[] { 2f, 4, 6 }));
        Assert.That(OnHost.Reals("adaptive_max_pool1d", AttributeSet.Empty.With(PoolAttributes.OutputSize!, [4]), x), Is.EqualTo(new[] { 2f, 4, 6, 7 }));
    }

    [Test]
    public void Gradients()
    {
        var x = TestTensors.Reals(5, [2, 2, 7, 6]);
        var window = Window([3, 2], [2, 1], [1, 0, 1, 1], [1, 2]);
        GradientTester.Check("max_pool2d", window, 1e-6, x);
        GradientTester.Check("avg_pool2d", window, 1e-6, x);
        GradientTester.Check("avg_pool2d", window.With(PoolAttributes.CountIncludePad, true).With(PoolAttributes.CeilMode, true), 1e-6, x);
        foreach (var p in new double[] { 1, 2, 3 })
        {
            GradientTester.Check("lp_pool2d", window.With(LpPool.P, p), 1e-5, TestTensors.Smooth(5, [1, 2, 5, 4]));
            GradientTester.Check("global_lp_pool2d", AttributeSet.Empty.With(LpPool.P, p), 1e-5, TestTensors.Smooth(5, [1, 2, 5, 4]));
        }
        GradientTester.Check("max_pool1d", Window([2], [2]), 1e-6, TestTensors.Reals(6, [1, 3, 9]));
        GradientTester.Check("avg_pool3d", Window([2], [2]), 1e-6, TestTensors.Reals(6, [1, 1, 4, 5, 4]));
        GradientTester.Check("global_avg_pool2d", null, 1e-6, x);
        GradientTester.Check("adaptive_avg_pool2d", AttributeSet.Empty.With(PoolAttributes.OutputSize!, [3, 4]), 1e-6, x);
        GradientTester.Check("adaptive_max_pool2d", AttributeSet.Empty.With(PoolAttributes.OutputSize!, [3, 4]), 1e-6, x);
        GradientTester.Check("unpool2d", AttributeSet.Empty.With(Unpool.Factor, [2, 3]), 1e-6, TestTensors.Reals(6, [1, 2, 3, 2]));
        GradientTester.Check("unpool2d", AttributeSet.Empty.With(Unpool.Factor, [2, 3]).With(Unpool.Mode, "bed_of_nails"), 1e-6, TestTensors.Reals(6, [1, 2, 3, 2]));
        GradientTester.Check("pool2d_gradient", window.With(PoolGradient.InputSize, [7, 6]), 1e-6, TestTensors.Reals(7, [2, 2, 4, 5]));
    }

    [Test]
    public void Gradient_of_global_maxima()
    {
        GradientTester.Check("global_max_pool1d", null, 1e-6, TestTensors.Reals(6, [2, 3, 9]));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        var x = TestTensors.Reals(1, [1, 1, 4, 4]);
        Faults.Expect("VKN2306", () => OnHost.Run("max_pool2d", null, x));
        Faults.Expect("VKN2302", () => OnHost.Run("max_pool2d", Window([5]), x));
        Faults.Expect("VKN2304", () => OnHost.Run("avg_pool2d", Window([2], [-1]), x));
        Faults.Expect("VKN2330", () => OnHost.Run("lp_pool2d", Window([2]).With(LpPool.P, 0), x));
        Faults.Expect("VKN2331", () => OnHost.Run("adaptive_avg_pool2d", null, x));
        Faults.Expect("VKN2333", () => OnHost.Run("max_unpool2d", Window([2]), x, TestTensors.Integers(1, DataType.Int64, [1, 1, 4, 5], 0, 3)));
    }
}
