using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Training;
using VkNet.Training;

namespace VkNet.Tests.Execution;

/// <summary>
/// Memory that runs out at the n-th call that makes something, for every n of loading and running a model and of a training: each time a
/// diagnostic, no buffer left behind, no Vulkan object either (validation's object tracker speaks when the device is closed), and the same
/// device then does the same work to the bit.
/// </summary>
[Category("Faults")]
internal sealed class FailedCallTests(string driver) : OnEveryDevice(driver)
{
    // Far more than any of these makes; reaching it means that the faults are not counted.
    private const int MostCalls = 5_000;

    private static readonly Dictionary<string, Tensor> Input = new() { ["x"] = Tensor.From(Enumerable.Range(0, 15).Select(i => i / 7f).ToArray(), 3, 5) };

    // Pipelines, a constant that is packed by the set-up section, a parameter, carried state and two slots.
    private static Graph Model()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "model");
        var x = builder.Input("x", TensorType.Float(3, 5));
        var y = builder.Apply("dense", AttributeSet.Empty, x, builder.Parameter("weight", TensorType.Float(7, 5), new ParameterOptions { Initializer = "he" }));
        var state = builder.State("sum", Tensor.Zeros(y.Type));
        builder.SetState(state, builder.Apply("add", AttributeSet.Empty, y, state));
        builder.Output("y", builder.Apply("softmax", AttributeSet.Empty, builder.Apply("add", AttributeSet.Empty, y, state)));
        return builder.Build();
    }

    [Test]
    public void Every_call_of_a_run_may_fail([Values] bool asDeviceMemory)
    {
        var plan = GraphCompiler.Compile(Model(), new CompilerOptions { Profile = Device.Profile });
        byte[] Work(ComputeDevice device)
        {
            using var model = CompiledModel.Load(device, plan, new InitializedWeights(1));
            using var session = model.CreateSession();
            session.Run(Input);
            return [.. session.Run(Input)["y"].Bytes(), .. session.ReadState("sum").Bytes()];
        }
        FailEach(asDeviceMemory ? "device memory, at every allocation of a run" : "host memory, at every call of a run", asDeviceMemory, Work);
    }

    [Test]
    public void Every_call_of_a_training_step_may_fail([Values] bool asDeviceMemory)
    {
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), Lines.Objective(new OptimizerOptions("adam", 0.1)));
        byte[] Work(ComputeDevice device)
        {
            using var session = new TrainingSession(device, graph, new InitializedWeights(1)) { LearningRate = 0.1 };
            for (var step = 0; step < 2; step++) session.Step(Lines.Data(step, 8));
            return [.. session.Weights.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal).SelectMany(t => session.Weights.Read(t.Key).Bytes().ToArray())];
        }
        FailEach(asDeviceMemory ? "device memory, at every allocation of a training" : "host memory, at every call of a training", asDeviceMemory, Work);
    }

    [Test]
    public void A_session_goes_on_after_a_submission_that_failed()
    {
        var faults = new DeviceFaults();
        using var device = Open(new DeviceOptions { Faults = faults });
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), Lines.Objective(new OptimizerOptions("adam", 0.1)));
        using var whole = new TrainingSession(device, graph, new InitializedWeights(1)) { LearningRate = 0.1 };
        using var broken = new TrainingSession(device, graph, new InitializedWeights(1)) { LearningRate = 0.1 };
        var lost = 0;
        for (var step = 0; step < 6; step++)
        {
            var expected = whole.Step(Lines.Data(step, 8)).Loss;
            faults.FailCall = faults.Calls + 1;
            Faults.Expect("VKN4015", () => broken.Step(Lines.Data(step, 8)));
            if (broken.Step(Lines.Data(step, 8)).Loss != expected) lost++;
        }
        FaultCount.Note("a submission that fails, at every step", 6, lost);
    }

    // Devices of their own, since the pipelines that one has made are never made again.
    private void FailEach(string kind, bool asDeviceMemory, Func<ComputeDevice, byte[]> work)
    {
        var expected = work(Device);
        var (injected, lost) = (0, 0);
        for (var n = 1; n < MostCalls; n += FaultStride)
        {
            var faults = asDeviceMemory ? new DeviceFaults { FailAllocation = n } : new DeviceFaults { FailCall = n };
            ComputeDevice device;
            try
            {
                device = Open(new DeviceOptions { Faults = faults });
            }
            catch (VkNetException e)
            {
                Assert.That(e.Diagnostic.Code, Is.EqualTo("VKN4015"), $"call {n}: {e}");
                injected++;
                continue;
            }
            try
            {
                if (!work(device).SequenceEqual(expected)) Fault("gave other numbers without a word");
                if ((asDeviceMemory ? faults.Allocations : faults.Calls) < n)
                {
                    device.Dispose();
                    FaultCount.Note($"{kind} ({FaultPlace})", injected, lost);
                    return;
                }
                // The call that failed was one that may: the pipeline cache stays unsaved.
            }
            catch (VkNetException e)
            {
                if (e.Diagnostic.Code != (asDeviceMemory ? "VKN4010" : "VKN4015") || e.Kind != ErrorKind.Device) Fault($"was reported as {e}");
            }
            injected++;
            if (device.Memory.LiveAllocations != 0) Fault($"left {device.Memory}");
            if (!work(device).SequenceEqual(expected)) Fault("changed what the device computes afterwards");
            device.Dispose();
            if (device.Memory.LiveAllocations != 0) Fault("left buffers when the device was closed");
            foreach (var message in TakeMessages(device)) Fault($"left {message}");

            void Fault(string what)
            {
                lost++;
                TestContext.Out.WriteLine($"{kind}: call {n} {what}");
            }
        }
        Assert.Fail($"{kind}: still failing after {MostCalls} calls");
    }
}
