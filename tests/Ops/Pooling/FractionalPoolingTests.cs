using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Pooling;

/// <summary>Fractional pooling and its gradient on every device.</summary>
internal sealed class FractionalPoolingTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Maxima_and_gradients()
    {
        var tester = new OperatorTester();
        foreach (var (kernel, size, output) in new[] { (new long[] { 2, 2 }, new long[] { 9, 11 }, new long[] { 6, 7 }), ([3, 2], [17, 8], [11, 7]), ([2, 2], [8, 8], [1, 7]), ([1, 1], [5, 5], [5, 5]) })
        {
            var attributes = TestAttributes.Of("kernel", kernel).And("output_size", output);
            var (x, samples) = (TestTensors.Reals(1, [2, 3, .. size]), TestTensors.Reals(2, [2, 3, 2], 0, 0.999));
            tester.Add("fractional_max_pool2d", attributes, x, samples).Add("fractional_max_pool2d", attributes, x);
            var pooled = OnHost.Run("fractional_max_pool2d", attributes, x, samples);
            tester.Add("fractional_max_pool2d_gradient", attributes.And("input_size", size), TestTensors.Reals(3, pooled[0].Shape), pooled[1]);
        }
        tester.Check(Device, 1e-6, 1e-6);
    }

    [Test]
    public void Gradient_rule() =>
        GradientTester.Check("fractional_max_pool2d", TestAttributes.Of("kernel", 2).And("output_size", 4, 5), 1e-6, TestTensors.Reals(1, [1, 2, 7, 8]));

    [Test]
    public void Windows_cover_the_whole_axis()
    {
        var line = Tensor.From(Enumerable.Range(0, 10).Select(i => (float)i).ToArray(), 1, 1, 1, 10);
        foreach (var sample in new[] { 0, 0.3, 0.7, 1 })
        {
            var result = OnHost.Reals("fractional_max_pool2d", TestAttributes.Of("kernel", 1, 2).And("output_size", 1, 6).With("sample", sample), line);
            Assert.That(result[0], Is.EqualTo(1));
            Assert.That(result[^1], Is.EqualTo(9));
            Assert.That(result.Zip(result.Skip(1), (a, b) => b - a), Is.All.InRange(1, 3));
        }
    }
}
