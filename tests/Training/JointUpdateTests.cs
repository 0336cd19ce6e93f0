using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Formats.Plans;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Optimizer;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>One call updates many tensors, and changes no bit of what calls for each of them give.</summary>
internal sealed class JointUpdateTests(string driver) : OnEveryDevice(driver)
{
    private const int Batch = 6, Tensors = 6;

    private static IEnumerable<TestCaseData> Optimizers()
    {
        foreach (var name in new[] { "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw" })
        {
            yield return new TestCaseData(new OptimizerOptions(name, 0.02), false).SetArgDisplayNames(name);
            yield return new TestCaseData(new OptimizerOptions(name, 0.02) { AverageDecay = 0.9, Attributes = AttributeSet.Empty.With(OptimizerOperator.ClipNorm, 0.3).With(OptimizerOperator.L2, 0.01) }, true).SetArgDisplayNames(name, "average, clipping, factors");
        }
    }

    [TestCaseSource(nameof(Optimizers))]
    public void Calls_are_few_and_bits_are_the_same(OptimizerOptions optimizer, bool factors)
    {
        var graph = Step(optimizer, factors);
        using var together = Session(graph);
        using var apart = Session(graph, o => o with { MayFollow = (_, _) => false });
        using var unfused = Session(graph, o => o with { Fuse = false });
        // Weights and biases have factors of their own: one call for each of the two.
        Assert.That(Calls(together, OptimizerUpdate.Family.Name), Is.EqualTo(factors ? 2 : 1));
        Assert.That((Calls(apart, OptimizerUpdate.Family.Name), Calls(unfused, OptimizerUpdate.Family.Name)), Is.EqualTo((Tensors, Tensors)));
        if (factors)
        {
            Assert.That((Calls(together, OptimizerAverage.Family.Name), Calls(apart, OptimizerAverage.Family.Name), Calls(unfused, OptimizerAverage.Family.Name)), Is.EqualTo((2, Tensors, Tensors)));
            Assert.That((Calls(together, OptimizerNorm.Family.Name), Calls(unfused, OptimizerNorm.Family.Name)), Is.EqualTo((3, Tensors + 1)));
        }
        Assert.That(HazardChecker.Check(together.Plan), Is.Empty);
        for (var step = 0; step < 4; step++)
        {
            var losses = new[] { together, apart }.Select(s => s.Step(Data(step)).Loss).ToArray();
            Assert.That(losses[0], Is.EqualTo(losses[1]));
        }
        AssertEqual(together.Weights, apart.Weights);
    }

    // The first training carries what the second trains, each by itself and in another order.
    [Test]
    public void Trainings_over_one_store_take_the_weights_as_they_lie()
    {
        var (first, second) = (Step(new OptimizerOptions("adam", 0.02), false, "*.bias", "first.weight"), Step(new OptimizerOptions("adam", 0.02), false));
        WeightStore Train(Func<CompilerOptions, CompilerOptions>? configure, out int calls)
        {
            var store = new WeightStore(Device);
            using var one = Session(first, configure, store);
            using var other = Session(second, configure, store);
            calls = Calls(one, OptimizerUpdate.Family.Name) + Calls(other, OptimizerUpdate.Family.Name);
            for (var step = 0; step < 3; step++)
            {
                one.Step(Data(step));
                other.Step(Data(step));
            }
            return store;
        }
        using var together = Train(null, out var few);
        using var apart = Train(o => o with { MayFollow = (_, _) => false }, out var many);
        Assert.That((few < many, many), Is.EqualTo((true, 4 + Tensors)));
        AssertEqual(together, apart);
    }

    [Test]
    public void A_plan_without_a_store_begins_with_the_initial_values()
    {
        using var folder = new ScratchFolder();
        var graph = Step(new OptimizerOptions("adam", 0.02), false);
        var plan = GraphCompiler.Compile(graph.Graph, new CompilerOptions { Profile = Device.Profile, Training = true });
        var path = folder["step.vkplan"];
        PlanFile.Save(path, plan, Device.Profile);
        var weights = new InitializedWeights(3);
        foreach (var version in new[] { plan, PlanFile.Load(path, Device.Profile) })
        {
            using var model = CompiledModel.Load(Device, version, weights);
            using var session = model.CreateSession(1);
            foreach (var parameter in graph.Graph.Parameters) Assert.That(session.ReadState(parameter.Name).ToArray<float>(), Is.EqualTo(weights.Find(parameter)!.ToArray<float>()), parameter.Name);
            foreach (var state in graph.Graph.States.Where(s => s.Input.Kind == ValueKind.State)) Assert.That(session.ReadState(state.Input.Name).ToArray<float>(), Is.All.Zero, state.Input.Name);
        }
    }

    [Test]
    public void A_gradient_that_the_caller_reads_stays_out_of_the_group()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var rate = builder.RunValue("rate", DataType.Float32);
        long[] sizes = [5, 7, 64, 3];
        var parameters = sizes.Select((s, i) => builder.State($"w{i}", Tensor.Zeros(TensorType.Float(s)))).ToArray();
        var gradients = sizes.Select((s, i) => builder.Apply("tanh", null, builder.Input($"x{i}", TensorType.Float(s)))).ToArray();
        builder.Output("seen", gradients[1]);
        var next = builder.Add(StandardOperators.Registry.Get("sgd"), AttributeSet.Empty, [rate, null, null, null, .. parameters, .. gradients]);
        for (var i = 0; i < sizes.Length; i++) builder.SetState(parameters[i], next[i]);
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile });
        Assert.That(HazardChecker.Check(plan), Is.Empty);
        Assert.That(plan.Main.Calls.Count(c => c.Kernel == OptimizerUpdate.Family.Name), Is.EqualTo(2));
        using var model = CompiledModel.Load(Device, plan);
        using var session = model.CreateSession(1);
        session.SetRunValue("rate", -1f);
        var outputs = session.Run(sizes.Select((s, i) => (Name: $"x{i}", Data: Tensor.From([.. Enumerable.Range(0, (int)s).Select(n => 0.1f * (n + i))], s))).ToDictionary(p => p.Name, p => p.Data));
        for (var i = 0; i < sizes.Length; i++)
        {
            var expected = Enumerable.Range(0, (int)sizes[i]).Select(n => (float)Math.Tanh(0.1f * (n + i))).ToArray();
            Assert.That(session.ReadState($"w{i}").ToArray<float>(), Is.EqualTo(expected).Within(1e-5));
            if (i == 1) Assert.That(outputs["seen"].ToArray<float>(), Is.EqualTo(expected).Within(1e-5));
        }
    }

    private TrainingSession Session(TrainingGraph graph, Func<CompilerOptions, CompilerOptions>? configure = null, WeightStore? store = null) =>
        new(Device, graph, new InitializedWeights(3), store, configure: configure) { LearningRate = 0.02 };

    private static int Calls(TrainingSession session, string kernel) => session.Plan.Main.Calls.Count(c => c.Kernel == kernel);

    private static void AssertEqual(WeightStore found, WeightStore expected)
    {
        Assert.That(found.Tensors.Select(t => t.Key), Is.EquivalentTo(expected.Tensors.Select(t => t.Key)));
        foreach (var (name, _) in expected.Tensors)
            Assert.That(found.Read(name).ToArray<float>().Select(BitConverter.SingleToInt32Bits), Is.EqualTo(expected.Read(name).ToArray<float>().Select(BitConverter.SingleToInt32Bits)), name);
    }

    // A convolution and two products: sizes that are no multiples of anything.
    private static TrainingGraph Step(OptimizerOptions optimizer, bool factors, params string[] withRespectTo)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "net");
        var normal = new ParameterOptions { Initializer = "normal", InitializerScale = 0.3 };
        var bias = factors ? normal with { LearningRateScale = 2, DecayScale = 0 } : normal;
        var x = builder.Input("x", TensorType.Float(Batch, 1, 7, 6));
        var seen = builder.Apply("tanh", null, builder.Apply("conv2d", null, x, builder.Parameter("first.weight", TensorType.Float(3, 1, 3, 3), normal), builder.Parameter("first.bias", TensorType.Float(3), bias)));
        var hidden = builder.Apply("tanh", null, builder.Apply("dense", null, builder.Apply("flatten", null, seen), builder.Parameter("second.weight", TensorType.Float(71, 60), normal), builder.Parameter("second.bias", TensorType.Float(71), bias)));
        builder.Output("y", builder.Apply("dense", null, hidden, builder.Parameter("third.weight", TensorType.Float(5, 71), normal), builder.Parameter("third.bias", TensorType.Float(5), bias)));
        return TrainingGraph.Build(builder.Build(), new TrainingObjective
        {
            Loss = c => c.Builder.Apply("reduce_mean", null, c.Builder.Apply("square", null, c.Builder.Apply("sub", null, c["y"], c["target"]))),
            Optimizer = optimizer,
            ExtraInputs = [new("target", TensorType.Float(Batch, 5))],
            WithRespectTo = withRespectTo.Length > 0 ? withRespectTo : ["*"],
        }, carried: ["*"]);
    }

    private static Tensor[] Data(int step)
    {
        var random = new PhiloxRandom((ulong)step, 5);
        return [.. new[] { TensorType.Float(Batch, 1, 7, 6), TensorType.Float(Batch, 5) }.Select(type =>
        {
            var tensor = Tensor.Zeros(type);
            foreach (ref var value in tensor.Values<float>()) value = (float)random.NextNormal();
            return tensor;
        })];
    }
}
