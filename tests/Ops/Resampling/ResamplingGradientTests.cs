using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Resampling;

internal sealed class ResamplingGradientTests
{
    [Test]
    public void Resizing()
    {
        foreach (var mode in new[] { "nearest", "linear", "cubic" })
        foreach (var coordinates in new[] { "half_pixel", "align_corners", "asymmetric" })
            GradientTester.Check("resize", TestAttributes.Of("sizes", 2, 5, 2).With("mode", mode).With("coordinates", coordinates), 1e-6, TestTensors.Reals(1, [2, 3, 4]));
        GradientTester.Check("resize", AttributeSet.Empty.With("scales", new[] { 0.4 }).With("mode", "linear").With("antialias", true), 1e-6, TestTensors.Reals(2, [9]));
        GradientTester.Check("resize_gradient", TestAttributes.Of("sizes", 2, 5).And("input_shape", 2, 3).With("mode", "linear"), 1e-6, TestTensors.Reals(3, [2, 5]));
    }

    [Test]
    public void Grids()
    {
        foreach (var mode in new[] { "linear", "cubic" })
        foreach (var padding in new[] { "zeros", "border", "reflection" })
        foreach (var aligned in new[] { false, true })
        {
            var attributes = AttributeSet.Empty.With("mode", mode).With("padding", padding).With("align_corners", aligned);
            GradientTester.Check("grid_sample", attributes, 1e-5, TestTensors.Reals(1, [2, 2, 3, 4]), TestTensors.Reals(2, [2, 2, 3, 2], -1.4, 1.4));
            GradientTester.Check("grid_sample", attributes, 1e-5, TestTensors.Reals(3, [1, 1, 2, 3, 2]), TestTensors.Reals(4, [1, 1, 2, 2, 3], -1.4, 1.4));
        }
    }

    [Test]
    public void Folding()
    {
        var window = TestAttributes.Of("kernel", 3, 2).And("stride", 2, 1).And("padding", 1, 0, 0, 1);
        GradientTester.Check("im2col2d", window, 1e-6, TestTensors.Reals(1, [1, 2, 5, 4]));
        GradientTester.Check("col2im2d", window.And("size", 5, 4), 1e-6, TestTensors.Reals(2, [1, 12, 8]));
    }

    [Test]
    public void Known_answers()
    {
        float[] Resized(Tensor x, AttributeSet attributes) => OnHost.Reals("resize", attributes, x);
        var line = Tensor.From([1f, 2, 3, 4], 4);
        Assert.That(Resized(line, AttributeSet.Empty.With("scales", new[] { 2.0 }).With("mode", "linear")), Is.EqualTo(new float[] { 1, 1.25f, 1.75f, 2.25f, 2.75f, 3.25f, 3.75f, 4 }));
        Assert.That(Resized(line, TestAttributes.Of("sizes", 7).With("mode", "linear").With("coordinates", "align_corners")), Is.EqualTo(new float[] { 1, 1.5f, 2, 2.5f, 3, 3.5f, 4 }));
        Assert.That(Resized(line, AttributeSet.Empty.With("scales", new[] { 0.5 }).With("mode", "linear").With("antialias", true)), Is.EqualTo(new float[] { 1.625f, 3.375f }));
        Assert.That(Resized(line, TestAttributes.Of("sizes", 8)), Is.EqualTo(new float[] { 1, 1, 2, 2, 3, 3, 4, 4 }));
        var picture = Tensor.From([1f, 2, 3, 4], 1, 1, 2, 2);
        Assert.That(OnHost.Reals("grid_sample", AttributeSet.Empty.With("align_corners", true), picture, Tensor.From([0f, 0, -1, -1, 1, -1, 0, 1], 1, 2, 2, 2)), Is.EqualTo(new float[] { 2.5f, 1, 2, 3.5f }));
    }

    [TestCase("resize", "VKN2400"), TestCase("grid_sample", "VKN2402"), TestCase("affine_grid", "VKN2403"), TestCase("col2im2d", "VKN2406"), TestCase("roi_pool", "VKN2407")]
    public void What_does_not_fit_is_refused(string name, string code)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var x = builder.Input("x", TensorType.Float(2, 3, 4, 5));
        var y = builder.Input("y", TensorType.Float(2, 3, 4));
        Action act = name switch
        {
            "resize" => () => builder.Apply(name, TestAttributes.Of("sizes", 2, 2), x),
            "grid_sample" => () => builder.Apply(name, null, x, y),
            "affine_grid" => () => builder.Apply(name, TestAttributes.Of("size", 2, 2), y),
            "col2im2d" => () => builder.Apply(name, TestAttributes.Of("size", 2, 2).And("kernel", 2), y),
            _ => () => builder.Apply(name, null, x, y),
        };
        Assert.That(() => act(), Throws.TypeOf<VkNetException>().With.Message.Contains(code));
    }
}
