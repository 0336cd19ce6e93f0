using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Convolution;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Execution;

/// <summary>What replaying a recording promises: the same bits every time, nothing allocated, and barriers that are all needed.</summary>
internal sealed class ReplayTests(string driver) : OnEveryDevice(driver)
{
    // Enough layers of unequal sizes that planned memory is reused many times over.
    private static Graph Network()
    {
        var b = new GraphBuilder(StandardOperators.Registry, "network");
        var x = b.Input("x", TensorType.Float(2, 3, 17, 13));
        Value Conv(Value input, long filters, long stride, int seed) => b.Apply("conv2d",
            AttributeSet.Empty.With(WindowAttributes.Padding, [1]).With(WindowAttributes.Stride, [stride]), input,
            b.Constant(TestTensors.Reals(seed, [filters, input.Shape[1], 3, 3])), b.Constant(TestTensors.Reals(seed + 1, [filters])));
        var trunk = b.Apply("relu", null, Conv(x, 12, 1, 1));
        var branch = b.Apply("tanh", null, Conv(trunk, 12, 1, 3));
        var joined = b.Apply("add", null, Conv(branch, 12, 1, 5), trunk);
        var pooled = b.Apply("max_pool2d", AttributeSet.Empty.With(WindowAttributes.Kernel!, [2, 2]).With(WindowAttributes.Stride, [2]), joined);
        var last = b.Apply("sigmoid", null, Conv(pooled, 7, 2, 7));
        b.Output("early", branch);
        b.Output("y", last);
        return b.Build();
    }

    private static Dictionary<string, Tensor> Feed(int seed) => new() { ["x"] = TestTensors.Reals(seed, [2, 3, 17, 13]) };

    [Test]
    public void A_hundred_runs_over_poisoned_memory_equal_a_plan_without_reuse([Values] bool channelsLast)
    {
        var graph = Network();
        var options = new CompilerOptions { Profile = Device.Profile, ChannelsLast = channelsLast };
        var (shared, apart) = (GraphCompiler.Compile(graph, options), GraphCompiler.Compile(graph, options with { ReuseMemory = false }));
        Assert.That(shared.Memory.PlannedBytes, Is.LessThan(apart.Memory.PlannedBytes));
        using var sharedModel = CompiledModel.Load(Device, shared);
        using var apartModel = CompiledModel.Load(Device, apart);
        using var session = sharedModel.CreateSession(2);
        using var reference = apartModel.CreateSession(1);
        Dictionary<string, Tensor>[] feeds = [Feed(1), Feed(2)];
        var expected = feeds.Select(f => reference.Run(f)).ToArray();
        Assert.That(expected[0]["y"].Bytes().SequenceEqual(expected[1]["y"].Bytes()), Is.False, "the inputs must matter");
        for (var run = 0; run < 100; run++)
        {
            session.FillActivations(0x7fc00000);
            var results = session.Run(feeds[run % 2]);
            foreach (var (name, tensor) in expected[run % 2])
                Assert.That(results[name].Bytes().SequenceEqual(tensor.Bytes()), Is.True, $"run {run}, output {name}");
        }
    }

    [Test]
    public void A_run_allocates_nothing_on_the_device_and_next_to_nothing_on_the_managed_heap()
    {
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(Network(), new CompilerOptions { Profile = Device.Profile }));
        using var session = model.CreateSession(2);
        Tensor[] inputs = [Feed(1)["x"]];
        var outputs = session.AllocateOutputs();
        for (var i = 0; i < 20; i++) session.Run(inputs, outputs);
        var before = Device.Memory.TotalAllocations;
        var heap = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++) session.Run(inputs, outputs);
        heap = (GC.GetAllocatedBytesForCurrentThread() - heap) / 50;
        Assert.That(Device.Memory.TotalAllocations, Is.EqualTo(before));
        Assert.That(heap, Is.LessThan(1024), "bytes a run");
    }

    [Test]
    public void A_removed_barrier_is_caught_by_the_checker_and_by_validation()
    {
        var plan = GraphCompiler.Compile(Network(), new CompilerOptions { Profile = Device.Profile, ChannelsLast = false });
        Assert.That(HazardChecker.Check(plan), Is.Empty);
        var removed = plan.Main.Calls.First(c => c.BarrierBefore);
        removed.BarrierBefore = false;
        Assert.That(HazardChecker.Check(plan), Is.Not.Empty);
        if (!ValidationLayer.IsInstalled) Assert.Ignore("the validation layer is not installed");
        using var model = CompiledModel.Load(Device, plan);
        using var session = model.CreateSession(1);
        session.Run(Feed(1));
        Assert.That(TakeMessages(Device).Select(m => m.ToString()), Has.Some.Contains("SYNC-HAZARD"));
    }

    [Test]
    public void Runs_from_many_threads_do_not_disturb_one_another()
    {
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(Network(), new CompilerOptions { Profile = Device.Profile }));
        using var session = model.CreateSession(3);
        Dictionary<string, Tensor>[] feeds = [Feed(1), Feed(2), Feed(3)];
        var expected = feeds.Select(f => session.Run(f)["y"]).ToArray();
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            Assert.That(session.Run(feeds[i % 3])["y"].Bytes().SequenceEqual(expected[i % 3].Bytes()), Is.True));
    }
}
