using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Execution;

/// <summary>Runs whose inputs and outputs are reached in place, and tensors of System.Numerics.Tensors.</summary>
internal sealed class SessionRunTests(string driver) : OnEveryDevice(driver)
{
    private CompiledModel _model = null!;

    [OneTimeSetUp]
    public void Load()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "in place");
        var (x, i, flags) = (builder.Input("x", TensorType.Float(2, 3)), builder.Input("i", new TensorType(DataType.Int64, [5])), builder.Input("flags", new TensorType(DataType.Bool, [3])));
        builder.Output("y", builder.Apply("affine", AttributeSet.Empty.With("scale", 2.0).With("shift", 1.0), x));
        builder.Output("negative", builder.Apply("neg", null, i));
        builder.Output("not", builder.Apply("not", null, flags));
        builder.Output("sum", builder.Apply("reduce_sum", null, x));
        _model = CompiledModel.Load(Device, GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile }));
    }

    [OneTimeTearDown]
    public void Free() => _model?.Dispose();

    [Test]
    public async Task Inputs_are_written_and_outputs_read_in_place()
    {
        using var session = _model.CreateSession(slots: 1);
        using (var run = session.Rent())
        {
            ((ReadOnlySpan<float>)[1, 2, 3, 4, 5, 6]).CopyTo(run.Input<float>("x"));
            ((ReadOnlySpan<int>)[1, -2, 3, -4, 5]).CopyTo(run.Input<int>("i"));
            ((ReadOnlySpan<int>)[1, 0, 1]).CopyTo(run.Input<int>("flags"));
            run.Run();
            Assert.That(run.Output<float>("y").ToArray(), Is.EqualTo(new float[] { 3, 5, 7, 9, 11, 13 }));
            Assert.That(run.Output<int>("negative").ToArray(), Is.EqualTo(new[] { -1, 2, -3, 4, -5 }));
            Assert.That(run.Output<int>("not").ToArray(), Is.EqualTo(new[] { 0, 1, 0 }));
            // What is not written again stays.
            run.InputTensor<float>("x")[1, 2] = 16;
            await run.RunAsync();
            Assert.That(run.OutputTensor<float>("y")[1, 2], Is.EqualTo(33));
            Assert.That(run.OutputTensor<float>("sum").FlattenedLength, Is.EqualTo((nint)1));
            Assert.That(run.Output<float>("sum")[0], Is.EqualTo(31));
        }
        // The slot is free again.
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.Zeros(DataType.Float32, [2, 3]), ["i"] = Tensor.Zeros(DataType.Int64, [5]), ["flags"] = Tensor.Zeros(DataType.Bool, [3]) };
        Assert.That(session.Run(inputs)["y"].ToArray<float>(), Is.All.EqualTo(1));
    }

    [Test]
    public void A_run_in_place_allocates_nothing()
    {
        using var session = _model.CreateSession(slots: 1);
        using var run = session.Rent();
        run.Input<float>("x").Fill(1);
        for (var i = 0; i < 200; i++) run.Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) run.Run();
        Assert.That((GC.GetAllocatedBytesForCurrentThread() - before) / 100, Is.LessThan(512), "bytes a run");
    }

    [Test]
    public void Mistakes_are_named()
    {
        var session = _model.CreateSession(slots: 1);
        var run = session.Rent();
        Faults.Expect("VKN2202", () => run.Input<float>("z"));
        Faults.Expect("VKN2206", () => run.Output<float>("x"));
        Faults.Expect("VKN2209", () => run.Input<int>("x"));
        Faults.Expect("VKN2209", () => run.Input<long>("i"));
        // There is one slot, and it is taken.
        using var soon = new CancellationTokenSource(50);
        Assert.That(() => session.Rent(soon.Token), Throws.InstanceOf<OperationCanceledException>());
        session.Dispose();
        Assert.That(run.Run, Throws.TypeOf<ObjectDisposedException>());
        run.Dispose();
        run.Dispose();
        Assert.That(run.Run, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Sessions_and_places_in_them_are_used_from_many_threads()
    {
        using var first = _model.CreateSession(slots: 2);
        using var second = _model.CreateSession(slots: 3);
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var run = (i % 2 == 0 ? first : second).Rent();
            run.Input<float>("x").Fill(i);
            run.Run();
            foreach (var y in run.Output<float>("y"))
                if (y != 2 * i + 1) throw new InvalidOperationException($"{y}, not {2 * i + 1}");
        });
    }
}
