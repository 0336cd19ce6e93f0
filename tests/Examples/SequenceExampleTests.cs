using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Examples;

/// <summary>Recurrent networks, attention and cells of the lectures under examples/, on every device against the host evaluator.</summary>
internal sealed class SequenceExampleTests(string driver) : OnEveryDevice(driver)
{
    private static readonly InitializedWeights Weights = new(1, TensorWeights.Empty);

    [TestCase("basics", "mut1")]
    [TestCase("basics", "mut2")]
    [TestCase("basics", "mut3")]
    [TestCase("basics", "highway")]
    [TestCase("basics", "soft_attention")]
    [TestCase("networks", "transformer")]
    [TestCase("networks", "decoder")]
    public void They_compute_what_the_host_computes(string folder, string name)
    {
        var sizes = new Dictionary<string, long> { ["N"] = 2, ["T"] = 7, ["L"] = 5 };
        var graph = ExampleFiles.Graph(folder, name + ".yaml").Build(new Bindings { Symbols = sizes });
        var carried = graph.Parameters.ToDictionary(p => p.Name, p => Weights.Find(p)!);
        foreach (var state in graph.States) carried[state.Input.Name] = state.Input.Data!;
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile }), Weights);
        using var session = model.CreateSession(1);
        Assert.That(HazardChecker.Check(model.Plan), Is.Empty);
        for (var run = 0; run < 3; run++)
        {
            var inputs = graph.Inputs.ToDictionary(i => i.Name, i => i.Name == "lengths" ? Tensor.From([7, 4], 2)
                : i.DataType.IsFloat() ? TestTensors.Reals(run + 1, i.Shape) : TestTensors.Integers(run + 1, i.DataType, i.Shape, 0, 999));
            var found = session.Run(inputs);
            var values = HostEvaluator.Run(graph, new Dictionary<string, Tensor>(carried.Concat(inputs)));
            foreach (var (output, value) in graph.Outputs) OperatorTester.Compare(found[output], values[value], 1e-3, 2e-4, $"{name}, run {run}: {output}");
            foreach (var state in graph.States) carried[state.Input.Name] = values[state.Output];
        }
    }

    [Test]
    public void Mut1_is_the_lectures_formula()
    {
        var graph = ExampleFiles.Graph("basics", "mut1.yaml").Build(new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 1, ["T"] = 3 } });
        var values = graph.Parameters.ToDictionary(p => p.Name, p => TestTensors.Reals(p.Name.Length, p.Shape, -0.5, 0.5));
        values["x"] = TestTensors.Reals(1, [1, 3, 32]);
        var found = HostEvaluator.Run(graph, values)[graph.Outputs[0].Value].ToArray<float>();
        double[] Product(string name, double[] v) => [.. Enumerable.Range(0, 32).Select(j => Enumerable.Range(0, 32).Sum(k => values[$"cells.{name}.weight"].ToArray<float>()[32 * j + k] * v[k])
            + (values.TryGetValue($"cells.{name}.bias", out var bias) ? bias.ToArray<float>()[j] : 0))];
        static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
        var h = new double[32];
        for (var t = 0; t < 3; t++)
        {
            double[] x = [.. values["x"].ToArray<float>().Skip(32 * t).Take(32).Select(v => (double)v)];
            var (z, rx, rh) = (Product("z", x), Product("r_x", x), Product("r_h", h));
            var back = Product("back", [.. h.Select((v, j) => v * Sigmoid(rx[j] + rh[j]))]);
            h = [.. h.Select((v, j) => Math.Tanh(back[j] + Math.Tanh(x[j])) * Sigmoid(z[j]) + v * (1 - Sigmoid(z[j])))];
            Assert.That(found.Skip(32 * t).Take(32), Is.EqualTo(h).Within(1e-4), $"step {t}");
        }
    }

    [Test]
    public void A_language_model_read_piece_by_piece_equals_the_whole()
    {
        var file = ExampleFiles.Graph("networks", "lstm_lm.yaml");
        Graph Of(long steps) => file.Build(new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 1, ["T"] = steps } });
        var words = TestTensors.Integers(5, DataType.Int32, [1, 4], 0, 9999);
        float[] Run(Graph graph, params Tensor[] pieces)
        {
            using var model = CompiledModel.Load(Device, GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile }), Weights);
            using var session = model.CreateSession(1);
            return [.. pieces.SelectMany(p => session.Run(new Dictionary<string, Tensor> { ["words"] = p })["logits"].ToArray<float>())];
        }
        var whole = Run(Of(4), words);
        var pieces = Run(Of(2), Tensor.From(words.ToArray<int>()[..2], 1, 2), Tensor.From(words.ToArray<int>()[2..], 1, 2));
        Assert.That(pieces, Is.EqualTo(whole).Within(1e-4));
    }

    [TestCase(256)]
    [TestCase(1024)]
    [TestCase(4096)]
    public void Memory_of_attention_grows_no_faster_than_the_sequence(int steps)
    {
        var graph = ExampleFiles.Graph("networks", "transformer.yaml").Build(new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 1, ["T"] = steps } });
        var planned = GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile }).Memory.PlannedBytes;
        TestContext.Out.WriteLine($"{steps}: {planned / 1048576.0:F1} MiB");
        // Activations of a layer are some 20 KiB a step; all scores of eight heads would be 32 N^2 bytes: 512 MiB at 4096.
        Assert.That(planned, Is.LessThan(40_000_000 + 40_000L * steps));
    }
}
