using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Training;
using VkNet.Training;

namespace VkNet.Tests.Execution;

/// <summary>
/// A device that is lost at the n-th submission or wait, for every n of loading, running and training: everything says so, everything can be
/// disposed, and a session made again on a device opened again goes on from the last checkpoint with the same bits.
/// </summary>
[Category("Faults")]
internal sealed class LostDeviceTests(string driver) : OnEveryDevice(driver)
{
    private const int MostCalls = 1_000;

    [Test]
    public void A_lost_session_is_dead_and_can_be_made_again([Values] bool atSubmit)
    {
        var builder = new VkNet.Graphs.GraphBuilder(StandardOperators.Registry, "model");
        var x = builder.Input("x", TensorType.Float(3, 5));
        builder.Output("y", builder.Apply("dense", VkNet.Graphs.AttributeSet.Empty, x, builder.Parameter("weight", TensorType.Float(7, 5), new VkNet.Graphs.ParameterOptions { Initializer = "he" })));
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile });
        var input = new Dictionary<string, Tensor> { ["x"] = Tensor.From(Enumerable.Range(0, 15).Select(i => i / 7f).ToArray(), 3, 5) };
        var lost = LoseEach(atSubmit, device =>
        {
            using var model = CompiledModel.Load(device, plan, new InitializedWeights(1));
            using var session = model.CreateSession();
            for (var run = 0; run < 3; run++)
            {
                try
                {
                    session.Run(input);
                    session.RunAsync(input).GetAwaiter().GetResult();
                }
                catch (DeviceLostException)
                {
                    Assert.That(() => session.Run(input), Throws.InstanceOf<DeviceLostException>(), "dead for good");
                    Assert.That(async () => await session.RunAsync(input), Throws.InstanceOf<DeviceLostException>(), "dead for good");
                    throw;
                }
            }
            return session.Run(input)["y"].Bytes().ToArray();
        });
        FaultCount.Note($"a device lost at every {(atSubmit ? "submission" : "wait")} of runs ({FaultPlace})", lost.Injected, lost.Lost);
    }

    [Test]
    public void A_lost_training_goes_on_from_its_checkpoint([Values] bool atSubmit)
    {
        // With a part to evaluate, whose sessions are made in the middle of the training.
        const string Test = "test: {source: inline, columns: {points: [[0, 0], [0, 1], [1, 1]], targets: [[0], [1], [0]]}}";
        using var folder = new RecipeFolder(RecipeFolder.Recipe.Replace("  feed:", $"  {Test}\n  feed:", StringComparison.Ordinal));
        (string, string)[] settings = [("epochs", "6"), ("batch", "2"), ("checkpoint_every", "3")];
        var lives = 0;
        var lost = LoseEach(atSubmit, device =>
        {
            var name = $"out{lives}";
            // The device that replaces the lost one finds what the training had written.
            var from = File.Exists(Path.Combine(folder[name], "checkpoint.safetensors")) ? Checkpoint.Load(Path.Combine(folder[name], "checkpoint.safetensors")) : null;
            using var trainer = new Trainer(device, folder.Load(settings), new TrainerOptions { OutputFolder = folder[name], Resume = from });
            var content = File.ReadAllBytes(trainer.Run().CheckpointFile!);
            lives++;
            return content;
        });
        FaultCount.Note($"a device lost at every {(atSubmit ? "submission" : "wait")} of a training ({FaultPlace})", lost.Injected, lost.Lost);
    }

    private (int Injected, int Lost) LoseEach(bool atSubmit, Func<ComputeDevice, byte[]> work)
    {
        var expected = work(Device);
        var (injected, harmed) = (0, 0);
        for (var n = 1; n < MostCalls; n += FaultStride)
        {
            var device = Open(new DeviceOptions { Faults = atSubmit ? new DeviceFaults { LoseAtSubmit = n } : new DeviceFaults { LoseAtWait = n } });
            var isLost = false;
            try
            {
                if (!work(device).SequenceEqual(expected)) Fault("gave other numbers without a word");
            }
            catch (DeviceLostException)
            {
                isLost = true;
            }
            var wasLost = device.IsLost;
            device.Dispose();
            if (device.Memory.LiveAllocations != 0) Fault($"left {device.Memory}");
            foreach (var message in TakeMessages(device)) Fault($"left {message}");
            if (!wasLost) return (injected, harmed);
            injected++;
            if (!isLost) Fault("was kept quiet");
            using var again = Open();
            if (!work(again).SequenceEqual(expected)) Fault("changed what a new session computes");

            void Fault(string what)
            {
                harmed++;
                TestContext.Out.WriteLine($"{(atSubmit ? "submission" : "wait")} {n} {what}");
            }
        }
        Assert.Fail($"still losing the device after {MostCalls} calls");
        return default;
    }
}
