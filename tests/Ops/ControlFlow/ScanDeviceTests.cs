using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.ControlFlow;

/// <summary>Scan regions and their gradients on every device.</summary>
internal sealed class ScanDeviceTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Regions_and_their_gradients_equal_the_host([Values] bool reversed, [Values] bool fused)
    {
        var tester = new OperatorTester();
        foreach (var (steps, batch, units) in new[] { (1, 1, 1), (5, 3, 7), (4, 2, 64), (0, 2, 3) })
        {
            var builder = tester.Builder;
            Value Of(int seed, params long[] shape) => tester.Input(TestTensors.Reals(seed, new Shape(shape), -0.8, 0.8));
            Value[] inputs = [Of(1, batch, units), Of(2, steps, batch, 5), Of(3, units, 5), Of(4, units), Of(5, units, units)];
            var results = ScanTests.Add(builder, inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], reversed);
            tester.Output(results[0], "state");
            tester.Output(results[1], "results");
            var upstream = results.Select((r, i) => KeyValuePair.Create(r, Of(6 + i, [.. r.Shape]))).ToList();
            foreach (var (gradient, i) in Gradients.Of(builder, upstream, inputs).Select((g, i) => (g, i))) tester.Output(gradient, $"gradient of input {i} over {steps} steps");
        }
        tester.Check(Device, 2e-5, 2e-5, o => o with { Fuse = fused });
    }
}
