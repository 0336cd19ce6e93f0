using VkNet.Graphs;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Convolution;

/// <summary>Batches of small pictures with few channels, as small networks have in training: convolutions and their gradients, whose filters fill few lanes.</summary>
internal sealed class SmallNetworkTests(string driver) : OnEveryDevice(driver)
{
    // Batch, channels, side, filters, kernel, stride, padding.
    [TestCase(17, 1, 9, 6, 5, 1, 2)]
    [TestCase(16, 6, 7, 16, 3, 1, 0)]
    [TestCase(19, 3, 11, 5, 3, 2, 1)]
    [TestCase(16, 4, 5, 3, 1, 1, 0)]
    public void Convolutions_and_their_gradients(int batch, int channels, int side, int filters, int kernel, int stride, int padding)
    {
        var window = AttributeSet.Empty.With("stride", new long[] { stride }).With("padding", new long[] { padding });
        var (x, w) = (TestTensors.Reals(1, [batch, channels, side, side]), TestTensors.Reals(2, [filters, channels, kernel, kernel]));
        var tester = new OperatorTester();
        var (image, weight) = (tester.Input(x), tester.Input(w));
        var y = tester.Builder.Apply("conv2d", window, image, weight);
        var upstream = tester.Input(TestTensors.Reals(3, y.Shape));
        tester.Output(y, "result");
        var gradients = Gradients.Of(tester.Builder, [new(y, upstream)], [image, weight]);
        tester.Output(gradients[0], "gradient of the input");
        tester.Output(gradients[1], "gradient of the weight");
        tester.Check(Device, 1e-5, 3e-5);
    }

    // Windows side by side spread their gradient; others overlap or leave a margin.
    [TestCase(4, 2, 2)]
    [TestCase(9, 3, 3)]
    [TestCase(9, 2, 2)]
    [TestCase(9, 3, 2)]
    public void Gradients_of_mean_pooling(int side, int kernel, int stride)
    {
        var tester = new OperatorTester();
        var image = tester.Input(TestTensors.Reals(1, [3, 5, side, side]));
        var y = tester.Builder.Apply("avg_pool2d", AttributeSet.Empty.With("kernel", new long[] { kernel }).With("stride", new long[] { stride }), image);
        var upstream = tester.Input(TestTensors.Reals(3, y.Shape));
        tester.Output(Gradients.Of(tester.Builder, [new(y, upstream)], [image])[0], "gradient");
        tester.Check(Device);
    }
}
