using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>Limited-memory BFGS on problems whose data are all in every step.</summary>
internal sealed class LbfgsTests(string driver) : OnEveryDevice(driver)
{
    // Least squares whose curvature along one axis is a thousand times that along another.
    private const string StretchedGraph = """
        version: 1
        graph: stretched
        inputs:
          x: {shape: [N, 6]}
        constants:
          scales: {value: [1, 2, 4, 8, 16, 32]}
        nodes:
          scaled: {op: mul, inputs: [x, scales]}
          y: {op: dense, input: scaled, units: 1}
        outputs: [y]
        """;

    private const string StretchedRecipe = """
        version: 1
        train: xor.yaml
        data:
          train: {source: none, count: 40}
          feed: {x: {random: normal, shape: [6], fixed: true}}
        nodes:
          wanted: {op: reduce_sum, input: x, axes: [1], keep_dims: true}
          difference: {op: sub, inputs: [y, wanted]}
          squared: {op: square, input: difference}
        loss: {op: reduce_mean, input: squared}
        optimizer: {op: lbfgs, lr: 1}
        batch: 40
        epochs: 70
        """;

    private const string CurveGraph = """
        version: 1
        graph: curve
        inputs:
          x: {shape: [N, 1]}
        nodes:
          first: {op: dense, input: x, units: 16, activation: tanh}
          second: {op: dense, input: first, units: 16, activation: tanh}
          y: {op: dense, input: second, units: 1}
        outputs: [y]
        """;

    private const string CurveRecipe = """
        version: 1
        train: xor.yaml
        data:
          train: {source: none, count: 50}
          feed: {x: {random: uniform, shape: [1], low: -3, high: 3, fixed: true}}
        nodes:
          wanted: {op: sin, input: x}
          difference: {op: sub, inputs: [y, wanted]}
          squared: {op: square, input: difference}
        loss: {op: reduce_mean, input: squared}
        optimizer: {op: lbfgs, lr: 1}
        batch: 50
        epochs: 150
        """;

    private double Train(RecipeFolder folder, List<double>? losses = null, params (string Key, string Value)[] settings)
    {
        using var trainer = new Trainer(Device, folder.Load(settings), new TrainerOptions { EpochDone = e => losses?.Add(e.Train.Loss) });
        trainer.Run();
        return trainer.Evaluate(trainer.Recipe.Data.Train).Loss;
    }

    [Test]
    public void It_beats_gradient_descent_on_a_convex_problem()
    {
        using var folder = new RecipeFolder(StretchedRecipe, StretchedGraph);
        var losses = new List<double>();
        var found = Train(folder, losses);
        var descent = new[] { "1e-4", "3e-4", "1e-3" }.Select(rate => Train(folder, null, ("optimizer", $"{{op: sgd, lr: {rate}}}"))).Where(double.IsFinite).Min();
        TestContext.Out.WriteLine($"after {losses.Count} looks at the loss: {found:0.0e+0}, gradient descent {descent:0.0e+0}");
        Assert.That(found, Is.LessThan(1e-5));
        Assert.That(found, Is.LessThan(1e-3 * descent));
        Assert.That(found, Is.LessThanOrEqualTo(losses.Min() * (1 + 1e-5)), "the best point found is kept, not the last one tried");
    }

    [Test]
    public void It_beats_gradient_descent_on_a_net()
    {
        using var folder = new RecipeFolder(CurveRecipe, CurveGraph);
        var found = Train(folder);
        var descent = new[] { "0.01", "0.03", "0.1" }.Select(rate => Train(folder, null, ("optimizer", $"{{op: momentum, lr: {rate}}}"))).Where(double.IsFinite).Min();
        TestContext.Out.WriteLine($"after 150 looks at the loss: {found:0.0e+0}, momentum {descent:0.0e+0}");
        Assert.That(found, Is.LessThan(1e-3));
        Assert.That(found, Is.LessThan(0.3 * descent));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void A_short_memory_is_enough_to_go_down(int memory)
    {
        using var folder = new RecipeFolder(StretchedRecipe, StretchedGraph);
        var losses = new List<double>();
        Assert.That(Train(folder, losses, ("optimizer.memory", $"{memory}"), ("epochs", "80")), Is.LessThan(1e-2 * losses[0]));
    }

    [Test]
    public void It_resumes_to_the_bit()
    {
        using var folder = new RecipeFolder(CurveRecipe, CurveGraph);
        byte[] Run(string name, int? stopAt, Checkpoint? from)
        {
            using var cancellation = new CancellationTokenSource();
            using var trainer = new Trainer(Device, folder.Load(("epochs", "20")), new TrainerOptions { OutputFolder = folder[name], Resume = from, Progress = p => { if (p.Iteration == stopAt) cancellation.Cancel(); } });
            return File.ReadAllBytes(trainer.Run(cancellation.Token).CheckpointFile!);
        }
        var whole = Run("whole", null, null);
        Run("part", 9, null);
        Assert.That(Run("part", null, Checkpoint.Load(Path.Combine(folder["part"], "checkpoint.safetensors"))), Is.EqualTo(whole));
    }

    // Both have their least value 1 near where they begin; far from there the first is no number (logarithm of a negative one), the second infinite.
    [TestCase("logarithm: {op: log, input: y}, last: {op: sub, inputs: [y, logarithm]}")]
    [TestCase("minus: {op: neg, input: y}, power: {op: exp, input: minus}, last: {op: add, inputs: [y, power]}")]
    public void A_trial_without_a_finite_loss_went_too_far(string nodes)
    {
        using var folder = new RecipeFolder(Cliff(nodes, 200), CliffGraph("3"));
        var losses = new List<double>();
        var found = Train(folder, losses);
        Assert.That(losses.Count(l => !double.IsFinite(l)), Is.Positive, "the first length is a thousand times too long");
        Assert.That(found, Is.EqualTo(1).Within(1e-5));
    }

    // The first loss is no number; its gradient alone is none, so that there is nowhere to go.
    [TestCase("last: {op: log, input: y}", "-1", 1)]
    [TestCase("last: {op: sqrt, input: y}", "0", 41)]
    public void A_search_that_finds_no_finite_loss_ends(string nodes, string start, int looks)
    {
        using var folder = new RecipeFolder(Cliff(nodes, 100), CliffGraph(start));
        var losses = new List<double>();
        Faults.Expect("VKN5201", () => Train(folder, losses));
        Assert.That(losses, Has.Count.EqualTo(looks).Within(looks == 1 ? 1 : 3));
    }

    private static string CliffGraph(string start) => $$"""
        version: 1
        graph: cliff
        inputs:
          x: {shape: [N, 1]}
        parameters:
          w: {shape: [1], init: constant, scale: {{start}}}
        nodes:
          y: {op: mul, inputs: [x, w]}
        outputs: [y]
        """;

    private static string Cliff(string nodes, int looks) => $$$"""
        version: 1
        train: xor.yaml
        data:
          train: {source: inline, columns: {x: [[1], [1]]}}
          feed: {x: x}
        nodes: { {{{nodes}}} }
        loss: {op: reduce_mean, input: last}
        optimizer: {op: lbfgs, lr: 1000}
        batch: 2
        epochs: {{{looks}}}
        """;

    [TestCase("batch", "10", "VKN5017")]
    [TestCase("data.feed.x.fixed", "false", "VKN5017")]
    [TestCase("optimizer.average", "0.9", "VKN5016")]
    [TestCase("parameters", "{y.bias: {lr_scale: 2}}", "VKN5016")]
    [TestCase("optimizer.clip_norm", "1", "VKN1102")]
    [TestCase("optimizer.memory", "0", "VKN1203")]
    public void What_a_line_search_cannot_do_is_refused(string key, string value, string code)
    {
        using var folder = new RecipeFolder(StretchedRecipe, StretchedGraph);
        Faults.Expect(code, () => new Trainer(Device, folder.Load((key, value))).Dispose());
    }
}
