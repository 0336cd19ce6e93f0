using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Convolution;

/// <summary>Deformable convolution on every device; without offsets it is a convolution.</summary>
internal sealed class DeformConvTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Moved_taps()
    {
        var tester = new OperatorTester();
        var window = TestAttributes.Of("stride", 2, 1).And("dilation", 1, 2).And("padding", 1, 0, 0, 1);
        var (x, w) = (TestTensors.Reals(1, [2, 4, 7, 6]), TestTensors.Reals(2, [6, 2, 3, 2]));
        tester.Add("deform_conv2d", window.With("groups", 2L).With("offset_groups", 2L), x, w, TestTensors.Reals(3, [2, 24, 3, 5]), TestTensors.Reals(4, [6]), TestTensors.Reals(5, [2, 12, 3, 5], 0, 1));
        tester.Add("deform_conv2d", window, x, TestTensors.Reals(6, [3, 4, 3, 2]), TestTensors.Reals(7, [2, 12, 3, 5], -9, 9)).Add("deform_conv2d", null, TestTensors.Reals(8, [1, 1, 2, 2]), TestTensors.Reals(9, [1, 1, 1, 1]), TestTensors.Repeat([1, 2, 2, 2], float.NaN, float.PositiveInfinity, 1e30f, 0.5f));
        tester.Check(Device, 1e-5, 1e-5);
    }

    [Test]
    public void Without_offsets_it_is_a_convolution()
    {
        var (x, w) = (TestTensors.Reals(1, [1, 3, 5, 6]), TestTensors.Reals(2, [2, 3, 3, 3]));
        var window = TestAttributes.Of("padding", 1);
        var deformed = OnHost.Reals("deform_conv2d", window, x, w, Tensor.Zeros(DataType.Float32, [1, 18, 5, 6]));
        Assert.That(deformed, Is.EqualTo(OnHost.Reals("conv2d", window.With("bias", false), x, w)).Within(1e-5));
    }
}
