using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Execution;

/// <summary>Sixty-four threads that run, cancel and dispose the same sessions: every answer is right or says why there is none, and nothing is left.</summary>
[Category("Faults")]
internal sealed class LoadTests(string driver) : OnEveryDevice(driver)
{
    private const int Threads = 64;
    private const int RunsPerThread = 40;

    [Test]
    public void Cancelled_and_disposed_sessions_under_load_give_right_answers_or_none()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "model");
        var x = builder.Input("x", TensorType.Float(3, 5));
        builder.Output("y", builder.Apply("dense", AttributeSet.Empty, x, builder.Parameter("weight", TensorType.Float(7, 5), new ParameterOptions { Initializer = "he" })));
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile });
        var inputs = Enumerable.Range(0, 8).Select(k => new Dictionary<string, Tensor> { ["x"] = Tensor.From(Enumerable.Range(0, 15).Select(i => (i + k) / 7f).ToArray(), 3, 5) }).ToArray();
        var device = Open();
        using var model = CompiledModel.Load(device, plan, new InitializedWeights(1));
        byte[][] expected;
        using (var session = model.CreateSession()) expected = [.. inputs.Select(i => session.Run(i)["y"].Bytes().ToArray())];

        // Whoever takes a session may find that another thread has just disposed it; a new one is put in its place.
        var sessions = new InferenceSession[4];
        for (var i = 0; i < sessions.Length; i++) sessions[i] = model.CreateSession();
        var (answers, cancelled, disposed, wrong) = (0, 0, 0, 0);
        var workers = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            for (var run = 0; run < RunsPerThread; run++)
            {
                var place = random.Next(sessions.Length);
                var which = random.Next(inputs.Length);
                try
                {
                    if (random.Next(16) == 0)
                    {
                        Interlocked.Exchange(ref sessions[place], model.CreateSession()).Dispose();
                        Interlocked.Increment(ref disposed);
                        continue;
                    }
                    var session = Volatile.Read(ref sessions[place]);
                    using var source = new CancellationTokenSource();
                    if (random.Next(4) == 0) source.CancelAfter(random.Next(3));
                    var result = random.Next(2) == 0 ? session.Run(inputs[which]) : session.RunAsync(inputs[which], source.Token).GetAwaiter().GetResult();
                    if (!result["y"].Bytes().SequenceEqual(expected[which])) Interlocked.Increment(ref wrong);
                    Interlocked.Increment(ref answers);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                }
                catch (ObjectDisposedException)
                {
                    // Disposed between being taken and being run.
                }
                catch (Exception e)
                {
                    TestContext.Out.WriteLine(e);
                    Interlocked.Increment(ref wrong);
                }
            }
        })).ToList();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) Assert.That(worker.Join(TimeSpan.FromMinutes(3)), "a thread hangs");
        foreach (var session in sessions) session.Dispose();
        model.Dispose();
        device.Dispose();
        if (device.Memory.LiveAllocations != 0) wrong++;
        wrong += TakeMessages(device).Count;
        Assert.That(answers, Is.GreaterThan(Threads), "most runs are answered");
        Assert.That(cancelled, Is.Positive);
        FaultCount.Note($"runs cancelled and sessions disposed by 64 threads ({Driver})", cancelled + disposed, wrong);
    }

    [Test]
    public void A_session_may_be_disposed_after_its_device_and_in_the_middle_of_a_run()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "model");
        builder.Output("y", builder.Apply("tanh", AttributeSet.Empty, builder.Input("x", TensorType.Float(3, 5))));
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile });
        var input = new Dictionary<string, Tensor> { ["x"] = Tensor.Zeros(DataType.Float32, [3, 5]) };
        var device = Open();
        var model = CompiledModel.Load(device, plan);
        var session = model.CreateSession(slots: 1);
        session.Run(input);
        var running = session.Begin([input["x"]]);
        Assert.That(running.Submission, Is.Positive);
        var waiting = Task.Run(() => session.Run(input));
        device.Dispose();
        model.Dispose();
        session.Dispose();
        Assert.That(() => session.Run(input), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await waiting, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(device.Memory.LiveAllocations, Is.Zero);
        Assert.That(TakeMessages(device), Is.Empty);
    }
}
