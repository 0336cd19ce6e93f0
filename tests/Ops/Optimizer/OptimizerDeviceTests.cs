using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Optimizer;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Ops.Optimizer;

/// <summary>Several steps with carried tensors on the device against the host evaluators.</summary>
internal sealed class OptimizerDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly int[] Sizes = [1, 0, 3, 257, 4096, 1003];

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (var name in new[] { "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw" })
            yield return new TestCaseData(name, AttributeSet.Empty).SetArgDisplayNames(name);
        foreach (var name in new[] { "momentum", "nesterov" })
            yield return new TestCaseData(name, AttributeSet.Empty.With(Momentum.Form, "displacement")).SetArgDisplayNames(name, "displacement");
        yield return new TestCaseData("adam", AttributeSet.Empty.With(Adam.BiasCorrection, false)).SetArgDisplayNames("adam", "uncorrected");
        yield return new TestCaseData("momentum", AttributeSet.Empty.With(OptimizerOperator.L1, 0.01).With(OptimizerOperator.L2, 0.1).With(OptimizerOperator.ClipValue, 0.5)
            .With(OptimizerOperator.ClipNorm, 10).With(OptimizerOperator.RateScale, 2)).SetArgDisplayNames("momentum", "decay and clipping");
    }

    [TestCaseSource(nameof(Cases))]
    public void Steps_equal_the_host(string name, AttributeSet attributes)
    {
        var (graph, gradients) = Build(name, attributes);
        var plan = GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile });
        Assert.That(HazardChecker.Check(plan), Is.Empty);
        using var model = CompiledModel.Load(Device, plan);
        using var session = model.CreateSession(1);
        session.SetRunValue("rate", 0.05f);
        var carried = graph.States.ToDictionary(s => s.Input.Name, s => s.Input.Data!);
        var random = new PhiloxRandom(7);
        for (var t = 1; t <= 4; t++)
        {
            var inputs = gradients.ToDictionary(g => g.Name, g => Random(random, g.Type));
            session.SetRunValue("step", (float)t);
            session.Run(inputs);
            var values = new Dictionary<string, Tensor>(carried.Concat(inputs)) { ["rate"] = Tensor.Scalar(0.05f), ["step"] = Tensor.Scalar((float)t) };
            var results = HostEvaluator.Run(graph, values);
            carried = graph.States.ToDictionary(s => s.Input.Name, s => results[s.Output]);
        }
        foreach (var (state, expected) in carried)
        {
            var (found, wanted) = (session.ReadState(state).ToArray<float>(), expected.ToArray<float>());
            Assert.That(found, Is.EqualTo(wanted).Within(1e-5), state);
        }
    }

    [Test]
    public void Averages_and_norms()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var random = new PhiloxRandom(3);
        var inputs = Sizes.Select((s, i) => builder.Input($"x{i}", TensorType.Float(s))).ToArray();
        var averages = Sizes.Select((s, i) => builder.State($"a{i}", Random(random, TensorType.Float(s)))).ToArray();
        var next = builder.Add(StandardOperators.Registry.Get("moving_average"), AttributeSet.Empty.With(MovingAverage.Decay, 0.75), [.. averages, .. inputs]);
        for (var i = 0; i < averages.Length; i++) builder.SetState(averages[i], next[i]);
        builder.Output("norm", builder.Apply("global_norm", null, inputs));
        builder.Output("empty", builder.Apply("global_norm", null, inputs[1]));
        var graph = builder.Build();
        var given = inputs.ToDictionary(i => i.Name, i => Random(random, i.Type));
        var results = HostEvaluator.Run(graph, given);
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile }));
        using var session = model.CreateSession(1);
        var outputs = session.Run(given);
        Assert.That(outputs["norm"].Values<float>()[0], Is.EqualTo(results[graph.Outputs[0].Value].Values<float>()[0]).Within(2e-5));
        Assert.That(outputs["empty"].Values<float>()[0], Is.Zero);
        foreach (var state in graph.States)
            Assert.That(session.ReadState(state.Input.Name).ToArray<float>(), Is.EqualTo(results[state.Output].ToArray<float>()).Within(1e-6), state.Input.Name);
    }

    private static (Graph Graph, Value[] Gradients) Build(string name, AttributeSet attributes)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, name);
        var @operator = StandardOperators.Registry.Get(name);
        var random = new PhiloxRandom(1);
        var (rate, step) = (builder.RunValue("rate", DataType.Float32), builder.RunValue("step", DataType.Float32));
        var parameters = Sizes.Select((s, i) => builder.State($"w{i}", Random(random, TensorType.Float(s)))).ToArray();
        var gradients = Sizes.Select((s, i) => builder.Input($"g{i}", TensorType.Float(s))).ToArray();
        var states = ((IOptimizer)@operator).StateNames.SelectMany(n => Sizes.Select((s, i) => builder.State($"w{i}/{n}", Tensor.Zeros(TensorType.Float(s))))).ToArray();
        var norm = attributes.Get(OptimizerOperator.ClipNorm) > 0 ? builder.Apply("global_norm", null, gradients) : null;
        var next = builder.Add(@operator, attributes, [rate, step, null, norm, .. parameters, .. gradients, .. states]);
        for (var i = 0; i < next.Count; i++) builder.SetState(i < Sizes.Length ? parameters[i] : states[i - Sizes.Length], next[i]);
        return (builder.Build(), gradients);
    }

    private static Tensor Random(PhiloxRandom random, TensorType type)
    {
        var tensor = Tensor.Zeros(type);
        foreach (ref var value in tensor.Values<float>()) value = (float)random.NextNormal();
        return tensor;
    }
}
