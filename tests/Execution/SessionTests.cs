using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Execution;

internal sealed class SessionTests(string driver) : OnEveryDevice(driver)
{
    private static ModelDefinition Passing() => new("passing", [new InputDeclaration("x", DataType.Float32, ["N", 3])], bindings =>
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "passing", bindings);
        var x = builder.Input("x", new TensorType(DataType.Float32, [bindings.Symbols["N"], 3]));
        builder.Output("y", builder.Apply("reshape", AttributeSet.Empty.With("shape", new long[] { 3, -1 }), x));
        builder.Output("same", x);
        return builder.Build();
    });

    [Test]
    public void A_view_of_an_input_is_delivered_as_output()
    {
        using var model = CompiledModel.Load(Device, Passing(), new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 2 } });
        using var session = model.CreateSession();
        var result = session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3) });
        Assert.That(result["y"].Shape, Is.EqualTo(new Shape(3, 2)));
        Assert.That(result["y"].ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
        Assert.That(result["same"].ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void Two_states_can_swap()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "swap");
        var a = builder.State("a", Tensor.From([1f, 2], 2));
        var b = builder.State("b", Tensor.From([3f, 4], 2));
        builder.SetState(a, b);
        builder.SetState(b, a);
        builder.Output("now", a);
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile });
        Assert.That(HazardChecker.Check(plan), Is.Empty);
        using var model = CompiledModel.Load(Device, plan);
        using var session = model.CreateSession();
        var inputs = new Dictionary<string, Tensor>();
        Assert.That(session.Run(inputs)["now"].ToArray<float>(), Is.EqualTo(new float[] { 1, 2 }));
        Assert.That(session.Run(inputs)["now"].ToArray<float>(), Is.EqualTo(new float[] { 3, 4 }));
        session.ResetStates();
        Assert.That(session.Run(inputs)["now"].ToArray<float>(), Is.EqualTo(new float[] { 1, 2 }));
    }

    [Test]
    public void Wrong_inputs_are_named()
    {
        using var model = CompiledModel.Load(Device, Passing(), new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 2 } });
        using var session = model.CreateSession();
        var x = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3);
        Assert.That(() => session.Run(new Dictionary<string, Tensor>()), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2201"));
        Assert.That(() => session.Run(new Dictionary<string, Tensor> { ["x"] = x, ["z"] = x }), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2202"));
        Assert.That(() => session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.From([1f], 1, 1) }), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2203"));
    }

    [Test]
    public async Task A_graph_file_is_loaded_in_one_step_from_a_path_or_a_stream()
    {
        var image = Tensor.Zeros(DataType.Float32, [1, 1, 28, 28]);
        using var model = await Device.LoadAsync(Examples.ExampleFiles.At("digits", "lenet5.yaml"));
        using var session = model.CreateSession();
        var expected = session.Run(new Dictionary<string, Tensor> { ["image"] = image })["logits"].ToArray<float>();
        using var stream = File.OpenRead(Examples.ExampleFiles.At("digits", "lenet5.yaml"));
        var weights = new TensorWeights(VkNet.Formats.SafetensorsFile.Load(Examples.ExampleFiles.At("digits", "lenet5.safetensors")));
        using var again = await Device.LoadAsync(stream, new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 1 } }, weights);
        using var other = again.CreateSession();
        Assert.That((await other.RunAsync(new Dictionary<string, Tensor> { ["image"] = image }))["logits"].ToArray<float>(), Is.EqualTo(expected));
        Assert.That(async () => await Device.LoadAsync(Examples.ExampleFiles.At("digits", "lenet5.yaml"), cancellation: new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await Device.LoadAsync("nothing.yaml"), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN6001"));
    }

    [Test]
    public void A_store_of_another_device_is_refused()
    {
        using var elsewhere = Open();
        using var store = new WeightStore(elsewhere);
        using var model = CompiledModel.Load(Device, Passing(), new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 2 } });
        Faults.Expect("VKN4017", () => model.CreateSession(store));
    }

    [Test]
    public void A_disposed_session_says_so()
    {
        using var model = CompiledModel.Load(Device, Passing(), new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 2 } });
        var session = model.CreateSession();
        session.Dispose();
        session.Dispose();
        Assert.That(() => session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3) }), Throws.TypeOf<ObjectDisposedException>());
    }

    // Of device, model and session, after a run: the digits say which is disposed first, second, third.
    [Test]
    public async Task Every_order_of_disposal_is_clean([Values("012", "021", "102", "120", "201", "210")] string order, [Values] bool lost)
    {
        var device = Open();
        var model = CompiledModel.Load(device, Passing(), new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 2 } });
        var session = model.CreateSession(slots: 2);
        var run = session.RunAsync(new Dictionary<string, Tensor> { ["x"] = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3) });
        if (lost) device.Native.Lose("being tested");
        IDisposable[] all = [device, model, session];
        foreach (var digit in order) all[digit - '0'].Dispose();
        try
        {
            await run.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (Exception e) when (e is ObjectDisposedException || (lost && e is DeviceLostException))
        {
            // What it ran on was gone before it could be read.
        }
        Assert.That(TakeMessages(device), Is.Empty);
        Assert.That(device.Memory.LiveAllocations, Is.Zero);
    }
}
