using VkNet.Formats;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>Every option of recipes does what it says when it is written in one.</summary>
internal sealed class RecipeOptionTests(string driver) : OnEveryDevice(driver)
{
    // One weight for each input, and a loss whose gradient is one everywhere.
    private const string SumGraph = """
        version: 1
        graph: sum
        inputs:
          x: {shape: [N, 3]}
        parameters:
          a: {shape: [3], init: normal}
          b: {shape: [3], init: normal}
        nodes:
          left: {op: mul, inputs: [x, a]}
          right: {op: mul, inputs: [x, b]}
          y: {op: add, inputs: [left, right]}
        outputs: [y]
        """;

    private const string SumRecipe = """
        version: 1
        train: xor.yaml
        data:
          train: {source: none, count: 12}
          feed: {x: {random: uniform, shape: [3], low: 1, high: 1}}
        loss: {op: reduce_sum, input: y}
        optimizer: {op: sgd, lr: 0.125}
        batch: 1
        iterations: 1
        """;

    private (float[] Before, float[] After) Moved(RecipeFolder folder, string parameter, params (string Key, string Value)[] settings)
    {
        using var trainer = new Trainer(Device, folder.Load(settings));
        var before = trainer.ReadWeights()[parameter].ToArray<float>();
        trainer.Run();
        return (before, trainer.ReadWeights()[parameter].ToArray<float>());
    }

    [TestCase("{a: {lr_scale: 4}}", "a", 0.5)]
    [TestCase("{a: {lr_scale: 4}}", "b", 0.125)]
    [TestCase("{'*': {lr_scale: 2}, b: {lr_scale: 3}}", "b", 0.375)]
    [TestCase("{a: {frozen: true}}", "a", 0)]
    [TestCase("{a: {lr_scale: 0}}", "a", 0)]
    public void Learning_rates_of_parameters(string parameters, string name, double step)
    {
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        var (before, after) = Moved(folder, name, ("parameters", parameters));
        Assert.That(after, Is.EqualTo(before.Select(v => v - step)).Within(1e-6));
    }

    [TestCase("{op: sgd, lr: 0.5, l2: 0.25}", "{}", 0.25, 0)]
    [TestCase("{op: sgd, lr: 0.5, l1: 0.5}", "{}", 0, 0.5)]
    [TestCase("{op: sgd, lr: 0.5, l1: 0.5, l2: 0.25}", "{}", 0.25, 0.5)]
    [TestCase("{op: sgd, lr: 0.5, l1: 0.5, l2: 0.25}", "{a: {decay_scale: 2}}", 0.5, 1)]
    [TestCase("{op: sgd, lr: 0.5, l1: 0.5, l2: 0.25}", "{a: {decay_scale: 0}}", 0, 0)]
    public void Decays(string optimizer, string parameters, double l2, double l1)
    {
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        var (before, after) = Moved(folder, "a", ("optimizer", optimizer), ("parameters", parameters));
        Assert.That(after, Is.EqualTo(before.Select(v => v - 0.5 * (1 + l2 * v + l1 * Math.Sign(v)))).Within(1e-6));
    }

    [TestCase("{op: sgd, lr: 0.5, clip_value: 0.25}", 0.125)]
    [TestCase("{op: sgd, lr: 0.5, clip_norm: 1}", 0.20412415)]
    public void Clipping(string optimizer, double step)
    {
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        var (before, after) = Moved(folder, "a", ("optimizer", optimizer));
        Assert.That(after, Is.EqualTo(before.Select(v => v - step)).Within(1e-6));
    }

    [Test]
    public void Averaged_weights_are_evaluated_and_saved()
    {
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        using var trainer = new Trainer(Device, folder.Load(("optimizer.average", "0.5"), ("iterations", "3")), new TrainerOptions { OutputFolder = folder["out"] });
        var start = trainer.ReadWeights()["a"].ToArray<float>();
        var other = trainer.ReadWeights()["b"].ToArray<float>();
        var outcome = trainer.Run();
        // The weights are 1, 2 and 3 steps of 1/8 down; the average is 1/8 of the start and 1/8, 1/4, 1/2 of these.
        const double Down = 0.125 * (0.125 * 1 + 0.25 * 2 + 0.5 * 3);
        Assert.That(SafetensorsFile.Load(outcome.WeightsFile!)["a"].ToArray<float>(), Is.EqualTo(start.Select(v => v - Down)).Within(1e-6));
        Assert.That(trainer.Evaluate(trainer.Recipe.Data.Train with { }).Loss, Is.EqualTo((start.Sum() + other.Sum() - 6 * Down) * 12).Within(1e-4));
    }

    // Learning rates of twelve steps, three to an epoch.
    [TestCase("{type: constant}", new[] { 1.0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    [TestCase("{type: step, every: 2, factor: 0.5}", new[] { 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 })]
    [TestCase("{type: step, at: [1, 3], factor: 0.1}", new[] { 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01 })]
    [TestCase("{type: exponential, factor: 0.5, unit: steps}", new[] { 1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625, 0.001953125, 0.0009765625, 0.00048828125 })]
    [TestCase("{type: inverse_time, decay: 3}", new[] { 1, 0.5, 1 / 3.0, 0.25, 0.2, 1 / 6.0, 1 / 7.0, 0.125, 1 / 9.0, 0.1, 1 / 11.0, 1 / 12.0 })]
    [TestCase("{type: cosine, unit: steps, period: 2, minimum: 0.5}", new[] { 1, 0.75, 1, 0.75, 1, 0.75, 1, 0.75, 1, 0.75, 1, 0.75 })]
    [TestCase("{type: cosine, unit: steps, period: 2, period_factor: 2}", new[] { 1, 0.5, 1, 0.853553391, 0.5, 0.146446609, 1, 0.961939766, 0.853553391, 0.691341716, 0.5, 0.308658284 })]
    [TestCase("{type: cosine}", new[] { 1, 0.982962913, 0.933012702, 0.853553391, 0.75, 0.629409523, 0.5, 0.370590477, 0.25, 0.146446609, 0.066987298, 0.017037087 })]
    [TestCase("{type: constant, warm_up: 4, unit: steps}", new[] { 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    public void Schedules(string schedule, double[] expected)
    {
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        var rates = new List<double>();
        using var trainer = new Trainer(Device, folder.Load(("schedule", schedule), ("batch", "4"), ("iterations", "12"), ("epochs", "4"), ("optimizer.lr", "1")), new TrainerOptions { Progress = p => rates.Add(p.LearningRate) });
        trainer.Run();
        Assert.That(rates, Is.EqualTo(expected).Within(1e-8));
    }

    [Test]
    public void A_plateau_lowers_the_rate()
    {
        // The loss goes up with every epoch, so that none is an improvement after the first.
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        var rates = new List<double>();
        using var trainer = new Trainer(Device, folder.Load(("schedule", "{type: plateau, patience: 2, factor: 0.5, minimum: 0.2}"), ("batch", "12"), ("iterations", "12"), ("loss.op", "reduce_sum_square")), new TrainerOptions { Progress = p => rates.Add(p.LearningRate / 0.125) });
        trainer.Run();
        Assert.That(rates, Is.EqualTo(new[] { 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2 }).Within(1e-9));
    }

    // The picture of a digit changes, and is still learnt from.
    [TestCase("{flip: horizontal}")]
    [TestCase("{flip: vertical}")]
    [TestCase("{crop: 3}")]
    [TestCase("{shift: 2}")]
    [TestCase("{rotate: 15}")]
    [TestCase("{scale: [0.8, 1.2]}")]
    [TestCase("{brightness: 0.3}")]
    [TestCase("{contrast: 0.3}")]
    [TestCase("{flip: both, crop: 2, shift: 1, rotate: 10, scale: [0.9, 1.1], brightness: 0.2, contrast: 0.2, saturation: 0.2}")]
    public void Augmentations_change_pictures_of_the_training_and_no_others(string augment)
    {
        const string Graph = """
            version: 1
            graph: pixels
            inputs:
              image: {shape: [N, 1, 28, 28]}
            nodes:
              flat: {op: flatten, input: image}
              logits: {op: dense, input: flat, units: 10, weight: {init: zeros}}
            outputs: [logits]
            """;
        const string Recipe = """
            version: 1
            train: xor.yaml
            data:
              train: {source: digits, count: 32}
              feed: {image: images, label: labels}
            loss: {op: softmax_cross_entropy, logits: logits, labels: label}
            optimizer: {op: sgd, lr: 0.1}
            batch: 32
            epochs: 1
            """;
        using var folder = new RecipeFolder(Recipe, Graph);
        var (_, plain) = Moved(folder, "logits.weight");
        var (_, changed) = Moved(folder, "logits.weight", ("data.augment", augment));
        var (_, again) = Moved(folder, "logits.weight", ("data.augment", augment));
        Assert.That(changed, Is.Not.EqualTo(plain));
        Assert.That(again, Is.EqualTo(changed));
        double Loss(params (string Key, string Value)[] settings)
        {
            var recipe = folder.Load([.. settings, ("parameters", "{logits.weight: {init: normal, scale: 0.1}}")]);
            using var trainer = new Trainer(Device, recipe);
            return trainer.Evaluate(recipe.Data.Train).Loss;
        }
        Assert.That(Loss(("data.augment", augment)), Is.EqualTo(Loss()), "what is measured is not changed");
    }

    [Test]
    public void Folds_are_validated_in_turn_and_splits_are_held_back()
    {
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        for (var fold = 0; fold < 3; fold++)
        {
            var recipe = folder.Load(("data.fold", $"{{folds: 3, fold: {fold}}}"), ("iterations", "4"), ("batch", "2"));
            Assert.That((recipe.Data.Train.Source.Count, recipe.Data.Validation!.Source.Count), Is.EqualTo((8, 4)));
            using var trainer = new Trainer(Device, recipe);
            Assert.That(trainer.Run().Validation, Is.Not.Null);
        }
        var split = folder.Load(("data.split", "{validation: 0.25, test: 0.5}")).Data;
        Assert.That((split.Train.Source.Count, split.Validation!.Source.Count, split.Test!.Source.Count), Is.EqualTo((3, 3, 6)));
    }

    [TestCase("zeros", 0, 0)]
    [TestCase("ones", 1, 0)]
    [TestCase("0.5", 0.5, 0)]
    [TestCase("normal", 0, 1)]
    [TestCase("uniform", 0, 0.57735)]
    [TestCase("xavier", 0, 0.1)]
    [TestCase("he", 0, 0.141421)]
    [TestCase("orthogonal", 0, 0.1)]
    public void Initialisers(string name, double mean, double deviation)
    {
        const string Graph = """
            version: 1
            graph: square
            inputs:
              x: {shape: [N, 100]}
            nodes:
              y: {op: dense, input: x, units: 100, bias: false}
            outputs: [y]
            """;
        using var folder = new RecipeFolder(SumRecipe.Replace("shape: [3]", "shape: [100]", StringComparison.Ordinal), Graph);
        using var trainer = new Trainer(Device, folder.Load(("parameters", $"{{y.weight: {{init: {name}}}}}")));
        var values = trainer.ReadWeights()["y.weight"].ToArray<float>().Select(v => (double)v).ToArray();
        Assert.That(values.Average(), Is.EqualTo(mean).Within(0.03));
        Assert.That(Math.Sqrt(values.Average(v => (v - values.Average()) * (v - values.Average()))), Is.EqualTo(deviation).Within(0.02 + 0.02 * deviation));
    }

    [Test]
    public void Whole_samples_are_dropped_for_stochastic_depth()
    {
        const string Graph = """
            version: 1
            graph: depth
            inputs:
              x: {shape: [N, 5]}
            nodes:
              branch: {op: dense, input: x, units: 5}
              kept: {op: dropout, input: branch, rate: 0.5, unit: sample}
              y: {op: add, inputs: [x, kept]}
            outputs: [y]
            """;
        using var folder = new RecipeFolder(SumRecipe.Replace("shape: [3]", "shape: [5]", StringComparison.Ordinal), Graph);
        // The gradient of a bias is the number of samples whose branch was kept, twice over, over the batch.
        var (before, after) = Moved(folder, "branch.bias", ("batch", "12"), ("optimizer.lr", "1"));
        var kept = before.Zip(after, (b, a) => Math.Round((b - a) / 2, 4)).Distinct().ToList();
        Assert.That(kept, Has.Count.EqualTo(1));
        Assert.That(kept[0], Is.EqualTo(Math.Round(kept[0])).And.InRange(1, 11));
    }

    [Test]
    public void Early_stopping_may_watch_a_metric_that_should_grow()
    {
        using var folder = new RecipeFolder();
        var epochs = new List<EpochReport>();
        using var trainer = new Trainer(Device, folder.Load(("early_stopping", "{metric: distance, goal: maximise, patience: 2}"), ("epochs", "50")), new TrainerOptions { EpochDone = epochs.Add });
        Assert.That(trainer.Run().End, Is.EqualTo(TrainingEnd.StoppedEarly));
        Assert.That(epochs.Last(e => e.IsBest).Train["distance"], Is.EqualTo(epochs.Max(e => e.Train["distance"])));
    }

    [Test]
    public void The_ratio_of_update_to_weight_is_measured()
    {
        using var folder = new RecipeFolder(SumRecipe, SumGraph);
        IReadOnlyList<KeyValuePair<string, double>> ratios = [];
        using var trainer = new Trainer(Device, folder.Load(("batch", "12"), ("iterations", "1"), ("loss.op", "reduce_mean"), ("parameters", "{a: {init: 2}}")), new TrainerOptions { MeasuresUpdates = true, EpochDone = e => ratios = e.UpdateRatios });
        trainer.Run();
        // The gradient of each of the three numbers is a third, so a step is a third of 1/8, and the weights are 2.
        Assert.That(ratios.ToDictionary(r => r.Key, r => r.Value)["a"], Is.EqualTo(0.125 / 3 / 2).Within(1e-6));
    }
}
