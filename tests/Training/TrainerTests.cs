using VkNet.Devices;
using VkNet.Formats;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Training;

internal sealed class TrainerTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Xor_is_learnt_by_two_layers_and_reported()
    {
        using var folder = new RecipeFolder();
        var epochs = new List<EpochReport>();
        var steps = 0;
        using var trainer = new Trainer(Device, folder.Load(("epochs", "300")), new TrainerOptions { OutputFolder = folder["out"], EpochDone = epochs.Add, Progress = _ => steps++ });
        var outcome = trainer.Run();
        Assert.That(outcome.End, Is.EqualTo(TrainingEnd.Finished));
        Assert.That(outcome.Train.Loss, Is.LessThan(1e-3));
        Assert.That(outcome.Train["distance"], Is.LessThan(0.05));
        Assert.That((epochs.Count, steps), Is.EqualTo((300, 300)));
        Assert.That(SafetensorsFile.Load(outcome.WeightsFile!).Keys, Is.EquivalentTo(new[] { "hidden.weight", "hidden.bias", "y.weight", "y.bias" }));
    }

    [Test]
    public void An_interrupted_training_resumes_to_the_bit()
    {
        const string Optimizer = "{op: momentum, lr: 0.05, average: 0.9}";
        const string More = "{type: plateau, patience: 1, factor: 0.5}";
        using var folder = new RecipeFolder();
        (string, string)[] settings = [("optimizer", Optimizer), ("schedule", More), ("batch", "2"), ("epochs", "20"), ("early_stopping", "{patience: 15}")];
        string Weights(string name, int? stopAt, Checkpoint? from, out TrainingOutcome outcome)
        {
            using var cancellation = new CancellationTokenSource();
            using var trainer = new Trainer(Device, folder.Load(settings), new TrainerOptions { OutputFolder = folder[name], Resume = from, Progress = p => { if (p.Iteration == stopAt) cancellation.Cancel(); } });
            outcome = trainer.Run(cancellation.Token);
            return outcome.CheckpointFile!;
        }
        var whole = Weights("whole", null, null, out var wholeOutcome);
        var part = Weights("part", 13, null, out var partOutcome);
        Assert.That(partOutcome.End, Is.EqualTo(TrainingEnd.Cancelled));
        Assert.That(partOutcome.Iterations, Is.EqualTo(13));
        var rest = Weights("part", null, Checkpoint.Load(part), out var restOutcome);
        Assert.That(File.ReadAllBytes(rest), Is.EqualTo(File.ReadAllBytes(whole)));
        Assert.That(restOutcome.Train, Is.EqualTo(wholeOutcome.Train).Using<Figures>((a, b) => a.Loss == b.Loss && a["distance"] == b["distance"]));
    }

    [Test]
    public void Nodes_of_a_recipe_may_name_the_symbols_of_the_model()
    {
        using var folder = new RecipeFolder();
        using (var trainer = new Trainer(Device, folder.Load(("nodes.row", "{op: reshape, input: squared, shape: [1, N]}"), ("loss.input", "row"), ("epochs", "1"))))
            Assert.That(trainer.Run().Train.Loss, Is.Positive);
        var fault = Assert.Throws<VkNetException>(() => new Trainer(Device, folder.Load(("nodes.row", "{op: reshape, input: squared, shape: [1, M]}"))).Dispose())!;
        Assert.That((fault.Diagnostic.Code, fault.Diagnostic.Help), Is.EqualTo(("VKN1006", "names that may stand here: N")));
    }

    [Test]
    public void Two_runs_give_the_same_bits()
    {
        using var folder = new RecipeFolder();
        byte[] Run(string name)
        {
            using var trainer = new Trainer(Device, folder.Load(("epochs", "10")), new TrainerOptions { OutputFolder = folder[name] });
            return File.ReadAllBytes(trainer.Run().CheckpointFile!);
        }
        Assert.That(Run("a"), Is.EqualTo(Run("b")));
    }

    [Test]
    public void A_checkpoint_of_another_architecture_is_refused()
    {
        using var folder = new RecipeFolder();
        string file;
        using (var trainer = new Trainer(Device, folder.Load(("epochs", "1")), new TrainerOptions { OutputFolder = folder["out"] })) file = trainer.Run().CheckpointFile!;
        using var wider = new RecipeFolder(graph: RecipeFolder.Graph.Replace("units: 8", "units: 9", StringComparison.Ordinal));
        var fault = Faults.Expect("VKN5031", () => new Trainer(Device, wider.Load(), new TrainerOptions { Resume = Checkpoint.Load(file) }).Dispose());
        Assert.That(fault.Message, Does.Contain("hidden"));
        Faults.Expect("VKN5031", () => new Trainer(Device, folder.Load(("optimizer.op", "sgd"), ("metrics", "{}")), new TrainerOptions { Resume = Checkpoint.Load(file) }).Dispose());
        Faults.Expect("VKN5030", () => Checkpoint.Load(Path.Combine(folder["out"], "weights.safetensors")));
    }

    [Test]
    public void The_node_that_makes_NaN_is_named_and_the_weights_are_kept()
    {
        using var folder = new RecipeFolder(RecipeFolder.Recipe.Replace("{op: square, input: difference}", "{op: log, input: difference}", StringComparison.Ordinal));
        using var trainer = new Trainer(Device, folder.Load(), new TrainerOptions { OutputFolder = folder["out"] });
        var before = trainer.ReadWeights()["hidden.weight"].ToArray<float>();
        var fault = Faults.Expect("VKN5201", () => trainer.Run());
        Assert.That(fault.Message, Does.Contain("'squared' (log)"));
        Assert.That(trainer.ReadWeights()["hidden.weight"].ToArray<float>(), Is.EqualTo(before));
    }

    [Test]
    public void Early_stopping_keeps_the_best_weights()
    {
        // A rate that is far too high: the loss jumps about, and soon does not improve.
        using var folder = new RecipeFolder();
        var epochs = new List<EpochReport>();
        using var trainer = new Trainer(Device, folder.Load(("optimizer", "{op: sgd, lr: 0.9}"), ("early_stopping", "{patience: 3}"), ("epochs", "1000"), ("data.validation", "{source: inline, columns: {points: [[0, 0.2], [0.9, 0]], targets: [[0.9], [0.1]]}}")), new TrainerOptions { EpochDone = epochs.Add });
        var outcome = trainer.Run();
        Assert.That(outcome.End, Is.EqualTo(TrainingEnd.StoppedEarly));
        Assert.That(epochs[^4].IsBest);
        Assert.That(epochs[^3..].Any(e => e.IsBest), Is.False);
        Assert.That(outcome.Validation!.Loss, Is.EqualTo(epochs.Min(e => e.Validation!.Loss)).Within(1e-6));
    }

    [Test]
    public void Evaluation_counts_every_example_once()
    {
        using var folder = new RecipeFolder();
        var recipe = folder.Load();
        double Loss(int batch)
        {
            using var trainer = new Trainer(Device, recipe with { EvaluationBatch = batch });
            return trainer.Evaluate(recipe.Data.Train).Loss;
        }
        Assert.That(Loss(3), Is.EqualTo(Loss(4)).Within(1e-6));
        Assert.That(Loss(1), Is.EqualTo(Loss(4)).Within(1e-6));
    }

    [Test]
    public void Parameters_can_be_frozen_and_initialised_by_the_recipe()
    {
        using var folder = new RecipeFolder();
        using var trainer = new Trainer(Device, folder.Load(("parameters", "{hidden.*: {frozen: true}, '*.bias': {init: 0.25}}"), ("epochs", "2")));
        var before = trainer.ReadWeights();
        Assert.That(before["hidden.bias"].ToArray<float>(), Is.All.EqualTo(0.25f));
        trainer.Run();
        var after = trainer.ReadWeights();
        Assert.That(after["hidden.weight"].ToArray<float>(), Is.EqualTo(before["hidden.weight"].ToArray<float>()));
        Assert.That(after["y.weight"].ToArray<float>(), Is.Not.EqualTo(before["y.weight"].ToArray<float>()));
        Faults.Expect("VKN5014", () => new Trainer(Device, folder.Load(("parameters", "{hiden.*: {frozen: true}}"))).Dispose());
    }

    [Test]
    public void Inputs_can_be_learnt()
    {
        using var folder = new RecipeFolder(RecipeFolder.Recipe.Replace("x: points, ", "", StringComparison.Ordinal));
        using var trainer = new Trainer(Device, folder.Load(("wrt", "[x]"), ("batch", "4"), ("optimizer.lr", "0.1"), ("epochs", "400"), ("data.order", "sequential"), ("parameters", "{x: {init: normal, scale: 0.5}}")));
        var weights = trainer.ReadWeights()["y.weight"].ToArray<float>();
        var outcome = trainer.Run();
        Assert.That(trainer.ReadWeights()["x"].Shape, Is.EqualTo(new Shape(4, 2)));
        Assert.That(trainer.ReadWeights()["y.weight"].ToArray<float>(), Is.EqualTo(weights));
        Assert.That(outcome.Train.Loss, Is.LessThan(0.1));
    }

    [Test]
    public void Several_plans_share_weights_and_copies_follow()
    {
        const string Two = """
            version: 1
            graph: two
            inputs:
              x: {shape: [N, 2]}
            nodes:
              online: {op: dense, input: x, units: 1}
              target: {op: dense, input: x, units: 1}
              critic: {op: dense, input: online, units: 1}
            outputs: [online, target, critic]
            """;
        const string Steps = """
            version: 1
            train: xor.yaml
            data:
              train: {source: inline, columns: {points: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [[0], [1], [1], [2]]}}
              feed: {x: points, t: targets}
            nodes:
              a: {op: sub, inputs: [online, t]}
              a2: {op: square, input: a}
              b: {op: sub, inputs: [critic, t]}
              b2: {op: square, input: b}
            steps:
              - {name: fit, minimise: {op: reduce_mean, input: a2}, wrt: [online.*], optimizer: {op: sgd, lr: 0.2}}
              - {name: judge, minimise: {op: reduce_mean, input: b2}, wrt: [critic.*], optimizer: {op: adam, lr: 0.05}, every: 2}
            copy: {from: online.*, to: target.*, rate: 0.5}
            batch: 4
            epochs: 1
            """;
        using var folder = new RecipeFolder(Steps, Two);
        using var trainer = new Trainer(Device, folder.Load(("epochs", "200")));
        var first = trainer.ReadWeights();
        Assert.That(first["target.weight"].ToArray<float>(), Is.EqualTo(first["online.weight"].ToArray<float>()));
        trainer.Run();
        var last = trainer.ReadWeights();
        Assert.That(last["online.weight"].ToArray<float>(), Is.EqualTo(new[] { 1f, 1f }).Within(1e-2));
        Assert.That(last["target.weight"].ToArray<float>(), Is.EqualTo(last["online.weight"].ToArray<float>()).Within(1e-3));
        Assert.That(last["critic.weight"].ToArray<float>()[0], Is.Not.EqualTo(first["critic.weight"].ToArray<float>()[0]));
    }

    // Each iteration is an epoch of its own, so that its end is counted too.
    [TestCase(1200)]
    [TestCase(10_200, Category = "Full")]
    public void A_step_allocates_next_to_nothing(int iterations)
    {
        using var folder = new RecipeFolder();
        long before = 0, after = 0;
        var memory = new List<long>();
        using var trainer = new Trainer(Device, folder.Load(("iterations", $"{iterations}")), new TrainerOptions
        {
            Workers = 1,
            Progress = p =>
            {
                if (p.Iteration == 200) before = GC.GetTotalAllocatedBytes(true);
                if (p.Iteration == iterations) after = GC.GetTotalAllocatedBytes(true);
                if (p.Iteration % 200 == 0) memory.Add(Device.Memory.LiveBytes);
            },
        });
        memory.Add(Device.Memory.LiveBytes);
        trainer.Run();
        var each = (after - before) / (iterations - 200);
        TestContext.Out.WriteLine($"{each} bytes of managed memory a step, {memory[0]} bytes on the device throughout");
        Assert.That(each, Is.LessThan(10_000), "bytes per step, an epoch's end with each");
        Assert.That(memory.Distinct().Count(), Is.EqualTo(1), "device memory is flat");
    }

    [Test]
    public void Dropout_of_weights_is_DropConnect()
    {
        const string Graph = """
            version: 1
            graph: dropped
            inputs:
              x: {shape: [N, 64]}
            parameters:
              W: {shape: [1, 64], init: normal}
            nodes:
              kept: {op: dropout, input: W, rate: 0.25}
              y: {op: dense, input: x, weight: kept, bias: false}
            outputs: [y]
            """;
        const string Recipe = """
            version: 1
            train: xor.yaml
            data:
              train: {source: none, count: 2}
              feed: {x: {random: uniform, shape: [64], low: 1, high: 1}}
            loss: {op: reduce_mean, input: y}
            optimizer: {op: sgd, lr: 1}
            batch: 2
            epochs: 1
            """;
        using var folder = new RecipeFolder(Recipe, Graph);
        var masks = new List<string>();
        foreach (var iterations in new[] { 1, 2, 2 })
        {
            using var trainer = new Trainer(Device, folder.Load(("iterations", $"{iterations}")));
            var before = trainer.ReadWeights()["W"].ToArray<float>();
            var outcome = trainer.Run();
            var after = trainer.ReadWeights()["W"].ToArray<float>();
            if (iterations == 1)
            {
                // The gradient passes where the forward pass did: the loss is the sum of the weights that moved, scaled.
                var moved = Enumerable.Range(0, 64).Where(i => after[i] != before[i]).ToList();
                Assert.That(moved.Count, Is.InRange(36, 60));
                Assert.That(moved.Select(i => before[i] - after[i]), Is.All.EqualTo(1 / 0.75f).Within(1e-5));
                Assert.That(outcome.Train.Loss, Is.EqualTo(moved.Sum(i => before[i] / 0.75)).Within(1e-4));
            }
            masks.Add(string.Concat(before.Zip(after, (b, a) => Math.Round((b - a) * 0.75))));
        }
        Assert.That(masks[2], Is.EqualTo(masks[1]), "the masks come from the counter alone");
        Assert.That(masks[1], Does.Contain("2").And.Contain("1"), "every step has a mask of its own");
        // In inference the weights are as they are.
        using var evaluated = new Trainer(Device, folder.Load());
        Assert.That(evaluated.Evaluate(folder.Load().Data.Train).Loss, Is.EqualTo(evaluated.ReadWeights()["W"].ToArray<float>().Sum()).Within(1e-4));
    }

    [Test]
    public void Layers_are_scaled_to_unit_variance()
    {
        using var folder = new RecipeFolder();
        using var trainer = new Trainer(Device, folder.Load(("initialise", "lsuv"), ("parameters", "{'*.weight': {init: orthogonal, scale: 5}}")));
        var weights = trainer.ReadWeights();
        double[][] points = [[0, 0], [0, 1], [1, 0], [1, 1]];
        var hidden = weights["hidden.weight"].ToArray<float>();
        var rows = hidden.Length == 16 && weights["hidden.weight"].Shape[0] == 8;
        var results = points.SelectMany(p => Enumerable.Range(0, 8).Select(u => p[0] * hidden[rows ? 2 * u : u] + p[1] * hidden[rows ? 2 * u + 1 : 8 + u])).ToArray();
        var mean = results.Average();
        Assert.That(results.Average(r => (r - mean) * (r - mean)), Is.EqualTo(1).Within(0.02));
    }

    [Test]
    public void Sanity_checks_pass_for_a_sound_recipe_and_fail_for_one_that_cannot_learn()
    {
        using var folder = new RecipeFolder();
        Assert.That(SanityCheck.Run(Device, folder.Load(("optimizer.lr", "0.05"))).All(f => f.Passed));
        Assert.That(SanityCheck.Run(Device, folder.Load(("optimizer.lr", "1e-7"))).Count(f => !f.Passed), Is.EqualTo(1));
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_known_before_training()
    {
        using var folder = new RecipeFolder();
        File.WriteAllText(folder["file"], "");
        Faults.Expect("VKN6003", () => new Trainer(Device, folder.Load(), new TrainerOptions { OutputFolder = Path.Combine(folder["file"], "out") }).Dispose());
    }

    [Test]
    public void A_folder_is_for_one_training_at_a_time()
    {
        using var folder = new RecipeFolder();
        Trainer Start() => new(Device, folder.Load(("epochs", "1")), new TrainerOptions { OutputFolder = folder["out"] });
        using (var first = Start())
        {
            Faults.Expect("VKN5032", () => Start().Dispose());
            first.Run();
        }
        using (var second = Start()) second.Run();
        Assert.That(Directory.EnumerateFiles(folder["out"]).Select(Path.GetFileName), Is.EquivalentTo(new[] { "checkpoint.safetensors", "weights.safetensors" }));
    }
}
