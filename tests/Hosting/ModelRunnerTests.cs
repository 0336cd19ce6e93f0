using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Hosting;

internal sealed class ModelRunnerTests(string driver) : OnEveryDevice(driver)
{
    /// <summary>y = 2 x + 1 for x [N, 3].</summary>
    internal static ModelDefinition Doubling() => new("doubling", [new InputDeclaration("x", DataType.Float32, ["N", 3])], bindings =>
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "doubling", bindings);
        var x = builder.Input("x", new TensorType(DataType.Float32, [bindings.Symbols["N"], 3]));
        builder.Output("y", builder.Apply("affine", AttributeSet.Empty.With("scale", 2.0).With("shift", 1.0), x));
        return builder.Build();
    });

    internal static Tensor Rows(int count, float first = 0) => Tensor.From([.. Enumerable.Range(0, 3 * count).Select(i => first + i)], count, 3);

    internal static Dictionary<string, Tensor> Input(Tensor x) => new() { ["x"] = x };

    [Test]
    public void Every_size_gets_a_plan_and_the_least_used_is_dropped()
    {
        using var runner = new ModelRunner(Device, Doubling(), options: new ModelRunnerOptions { Plans = 2 });
        foreach (var rows in new[] { 1, 4, 1, 7, 4, 1 })
        {
            var x = Rows(rows);
            Assert.That(runner.Run(Input(x))["y"].ToArray<float>(), Is.EqualTo(x.ToArray<float>().Select(v => (2 * v) + 1)));
        }
        Assert.That(runner.PlanCount, Is.EqualTo(2));
    }

    [Test]
    public async Task Many_threads_with_many_sizes_get_their_own_answers()
    {
        using var runner = new ModelRunner(Device, Doubling(), options: new ModelRunnerOptions { Plans = 3 });
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (i, cancellation) =>
        {
            var x = Rows(1 + (i % 5), i);
            var y = (await runner.RunAsync(Input(x), cancellation))["y"];
            if (!y.ToArray<float>().SequenceEqual(x.ToArray<float>().Select(v => (2 * v) + 1))) throw new InvalidOperationException($"wrong answer {i}");
        });
        Assert.That(runner.PlanCount, Is.LessThanOrEqualTo(3));
    }

    [Test]
    public void Inputs_that_do_not_fit_are_refused_and_not_remembered()
    {
        using var runner = new ModelRunner(Device, Doubling());
        Assert.That(() => runner.Run(Input(Tensor.From([1f, 2], 1, 2))), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN20"));
        Assert.That(runner.PlanCount, Is.Zero);
        Assert.That(runner.Run(Input(Rows(1)))["y"].ToArray<float>(), Is.EqualTo(new float[] { 1, 3, 5 }));
    }

    /// <summary>Two layers over x [N, 256], the second with a weight that is turned when the model is loaded.</summary>
    private static ModelDefinition Layers() => new("layers", [new InputDeclaration("x", DataType.Float32, ["N", 256])], bindings =>
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "layers", bindings);
        var x = builder.Input("x", TensorType.Float(bindings.Symbols["N"], 256));
        var inner = builder.Apply("relu", null, builder.Apply("dense", null, x, builder.Parameter("inner", TensorType.Float(512, 256)), builder.Parameter("bias", TensorType.Float(512))));
        builder.Output("y", builder.Apply("dense", null, inner, builder.Apply("transpose", null, builder.Parameter("outer", TensorType.Float(512, 256)))));
        return builder.Build();
    });

    [Test]
    public void Plans_of_several_sizes_share_their_weights()
    {
        const long weightBytes = 2 * 512 * 256 * 4;
        var weights = new InitializedWeights(1);
        Dictionary<string, Tensor> Inputs(int rows) => Input(Tensor.From([.. Enumerable.Range(0, rows * 256).Select(i => (i * 37 % 101 - 50) / 50f)], rows, 256));
        var before = Device.Memory.LiveBytes;
        var runner = new ModelRunner(Device, Layers(), weights);
        var live = new List<long>();
        // 33 and 65 rows are the same products in more tiles.
        foreach (var rows in new[] { 33, 65, 33 })
        {
            var found = runner.Run(Inputs(rows))["y"].ToArray<float>();
            using (var own = CompiledModel.Load(Device, Layers(), new Bindings { Symbols = new Dictionary<string, long> { ["N"] = rows } }, weights))
            using (var session = own.CreateSession())
                Assert.That(found, Is.EqualTo(session.Run(Inputs(rows))["y"].ToArray<float>()));
            live.Add(Device.Memory.LiveBytes - before);
        }
        TestContext.Out.WriteLine($"one plan {live[0]} bytes, two plans {live[1]}, of weights {weightBytes}");
        Assert.That(live[0], Is.GreaterThan(weightBytes));
        Assert.That(live[1] - live[0], Is.LessThan(weightBytes / 2));
        Assert.That(live[2], Is.EqualTo(live[1]));
        runner.Dispose();
        Assert.That(Device.Memory.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void A_disposed_runner_says_so()
    {
        var runner = new ModelRunner(Device, Doubling());
        runner.Run(Input(Rows(1)));
        runner.Dispose();
        runner.Dispose();
        Assert.That(() => runner.Run(Input(Rows(1))), Throws.TypeOf<ObjectDisposedException>());
    }

    // The value of the second input is the shape of the output.
    [Test]
    public void Values_that_decide_sizes_get_plans_of_their_own()
    {
        var model = new ModelDefinition("reshaping", [new InputDeclaration("x", DataType.Float32, [6]), new InputDeclaration("shape", DataType.Int64, [2])], bindings =>
        {
            var builder = new GraphBuilder(StandardOperators.Registry, "reshaping", bindings);
            var x = builder.Input("x", TensorType.Float(6));
            var shape = builder.Input("shape", new TensorType(DataType.Int64, [2]));
            if (shape.Constant is null) throw new ValueNeededException(["shape"], "the shape", null);
            builder.Output("y", builder.Apply("reshape", AttributeSet.Empty.With("shape", shape.Constant.ToArray<long>()), x));
            return builder.Build();
        });
        using var runner = new ModelRunner(Device, model);
        foreach (var sizes in new long[][] { [2, 3], [6, 1], [2, 3], [1, 6] })
            Assert.That(runner.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.From(new float[6], 6), ["shape"] = Tensor.From(sizes, 2) })["y"].Shape, Is.EqualTo(new Shape(sizes)));
        Assert.That(runner.PlanCount, Is.EqualTo(3));
    }
}
