using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Execution;

/// <summary>
/// Models and sessions made, run and disposed again and again: device memory returns to where it was every time, and no Vulkan object is
/// left when the device is closed, which the validation layer's object tracker would report to the fixture.
/// </summary>
internal sealed class CycleTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void A_thousand_cycles_leave_nothing() => Cycle(1_000);

    [Test]
    [Category("Full")]
    public void Ten_thousand_cycles_leave_nothing() => Cycle(10_000);

    // One device under all cycles; under validation its messages are looked at when it has been closed.
    private void Cycle(int count)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "cycle");
        var x = builder.Input("x", TensorType.Float(3, 5));
        var weight = builder.Parameter("weight", TensorType.Float(7, 5), new ParameterOptions { Initializer = "he" });
        var y = builder.Apply("dense", AttributeSet.Empty, x, weight);
        var state = builder.State("sum", Tensor.Zeros(y.Type));
        builder.SetState(state, builder.Apply("add", AttributeSet.Empty, y, state));
        builder.Output("y", builder.Apply("tanh", AttributeSet.Empty, y));
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile });
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.Zeros(DataType.Float32, [3, 5]) };

        var device = Open();
        // The first cycle makes what the device keeps: pipelines, staging memory.
        Once();
        var (before, pipelines, managed) = (device.Memory, device.PipelineCount, GC.GetTotalMemory(forceFullCollection: true));
        for (var i = 1; i < count; i++)
        {
            Once();
            if (device.Memory.LiveBytes != before.LiveBytes || device.Memory.LiveAllocations != before.LiveAllocations) Assert.Fail($"after cycle {i}: {device.Memory}, at first {before}");
        }
        Assert.Multiple(() =>
        {
            Assert.That(device.Memory.PeakBytes, Is.EqualTo(before.PeakBytes));
            Assert.That(device.PipelineCount, Is.EqualTo(pipelines));
            Assert.That(GC.GetTotalMemory(forceFullCollection: true) - managed, Is.LessThan(4 << 20), "managed memory kept");
        });
        device.Dispose();
        Assert.That(device.Memory.LiveAllocations, Is.Zero);
        Assert.That(TakeMessages(device), Is.Empty);

        void Once()
        {
            using var model = CompiledModel.Load(device, plan, new InitializedWeights(1));
            using var session = model.CreateSession();
            session.Run(inputs);
        }
    }
}
