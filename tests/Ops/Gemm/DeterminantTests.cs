using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Gemm;

/// <summary>Determinants on every device.</summary>
internal sealed class DeterminantTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Agrees_with_the_host()
    {
        var tester = new OperatorTester();
        foreach (var shape in new long[][] { [1, 1], [3, 3], [2, 3, 7, 7], [65, 2, 2], [0, 3, 3], [2, 0, 0] }) tester.Add("det", null, TestTensors.Reals(1, new Shape(shape)));
        tester.Check(Device, 1e-4, 1e-4);
    }

    [Test]
    public void Known_answers() => Assert.That(OnHost.Reals("det", null, Tensor.From([0f, 2, 3, 4, 1, 2, 2, 4, 1, 0, 0, 1], 3, 2, 2)), Is.EqualTo(new float[] { -6, 0, 1 }));
}
