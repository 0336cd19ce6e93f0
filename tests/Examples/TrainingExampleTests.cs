using VkNet.Execution;
using VkNet.Formats;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Examples;

/// <summary>The recipes under examples/ learn what they say.</summary>
internal sealed class TrainingExampleTests(string driver) : OnEveryDevice(driver)
{
    private static Recipe Recipe(string folder, string name, string? data = null, params (string Key, string Value)[] settings) =>
        RecipeFile.Load(ExampleFiles.At(folder, name + ".train.yaml"), StandardOperators.Registry, new RecipeOptions { DataFolder = data, Overrides = [.. settings.Select(s => new KeyValuePair<string, string>(s.Key, s.Value))] });

    private TrainingOutcome Train(Recipe recipe, out IReadOnlyDictionary<string, Tensor> weights)
    {
        using var trainer = new Trainer(Device, recipe);
        var outcome = trainer.Run();
        weights = trainer.ReadWeights();
        return outcome;
    }

    [TestCase("xor", 0, 1e-3)]
    // Whatever a single layer answers, the mean square over the four points is at least a quarter.
    [TestCase("xor-one-layer", 0.2499, 0.2510)]
    [TestCase("fit-square", 0, 0.002)]
    [TestCase("fit-sine", 0, 0.002)]
    [TestCase("fit-sine-lbfgs", 0, 1e-4)]
    [TestCase("fit-absolute", 0, 0.002)]
    [TestCase("fit-step", 0, 0.04)]
    [TestCase("two-layers", 0, 1e-3)]
    public void Small_nets(string name, double least, double most) => Assert.That(Train(Recipe("basics", name), out _).Train.Loss, Is.InRange(least, most));

    [Test]
    public void A_linear_autoencoder_finds_the_plane_of_principal_components()
    {
        var outcome = Train(Recipe("basics", "autoencoder"), out var weights);
        Assert.That(outcome.Train.Loss, Is.EqualTo(6 * 0.09 / 8).Within(0.004));
        // Rows of the decoder [8, 2] beyond the first two numbers are nearly nothing beside those of the plane.
        var decoder = weights["decoded.weight"].ToArray<float>();
        var (inside, outside) = (decoder[..4].Sum(v => (double)v * v), decoder[4..].Sum(v => (double)v * v));
        Assert.That(outside / inside, Is.LessThan(0.02));
    }

    [Test]
    public void Twenty_digits_are_learnt_by_heart()
    {
        var folder = TestData.Require("mnist");
        var outcome = Train(Recipe("mnist", "overfit", folder), out _);
        Assert.That(outcome.Train.Loss, Is.LessThan(0.003));
        Assert.That(outcome.Train["accuracy"], Is.EqualTo(1));
    }

    [Test]
    public void The_shipped_weights_know_the_digits_that_the_program_draws()
    {
        var recipe = Recipe("digits", "lenet", settings: ("data.test.count", "500"));
        using var trainer = new Trainer(Device, recipe with { Weights = new TensorWeights(SafetensorsFile.Load(ExampleFiles.At("digits", "lenet5.safetensors"))) });
        Assert.That(trainer.Evaluate(recipe.Data.Test!)["accuracy"], Is.GreaterThan(0.99));
    }

    [Test]
    public void The_shipped_picture_is_a_seven()
    {
        var model = ExampleFiles.Graph("digits", "lenet5.yaml");
        var inputs = new Dictionary<string, Tensor> { ["image"] = PictureTensor.FromPicture(PictureFile.Load(ExampleFiles.At("digits", "digit.png")), 1, 28, 28) };
        using var compiled = CompiledModel.Load(Device, model, new VkNet.Graphs.Bindings { Symbols = new Dictionary<string, long> { ["N"] = 1 } }, new TensorWeights(SafetensorsFile.Load(model.WeightsFile!)));
        using var session = compiled.CreateSession();
        var scores = session.Run(inputs)["logits"].ToArray<float>();
        Assert.That(Array.IndexOf(scores, scores.Max()), Is.EqualTo(7));
    }

    [Test]
    public void A_training_on_drawn_digits_learns_quickly()
    {
        var outcome = Train(Recipe("digits", "lenet", settings: [("data.train.count", "640"), ("data.test.count", "200"), ("epochs", "2")]), out _);
        Assert.That(outcome.Test!["accuracy"], Is.GreaterThan(0.8));
    }

    [TestCase("mnist", "dense")]
    [TestCase("mnist", "lenet")]
    [TestCase("mnist", "lenet-shuffled")]
    public void Recipes_for_MNIST_fit_their_data(string folder, string name)
    {
        var outcome = Train(Recipe(folder, name, TestData.Require("mnist"), ("iterations", "3"), ("data.test.first", "100")), out _);
        Assert.That(outcome.Test!.Loss, Is.LessThan(2.5));
    }

    [Test]
    public void An_autoencoder_makes_digits_of_random_codes()
    {
        if (IsSlow)
        {
            // It begins at 784 log 2, as whoever knows nothing about pixels.
            Assert.That(Train(Recipe("generative", "vae", settings: [("data.train.count", "320"), ("data.test.count", "100"), ("epochs", "1")]), out var first).Test!.Loss, Is.LessThan(500));
            Assert.That(Sheet("vae-sheet", first), Has.All.InRange(0f, 1f));
            return;
        }
        var outcome = Train(Recipe("generative", "vae", settings: [("data.train.count", "3200"), ("data.test.count", "500"), ("epochs", "4")]), out var weights);
        // Without a picture's help, pixels by their means cost more than 200 nats.
        Assert.That(outcome.Test!.Loss, Is.LessThan(180));
        Assert.That(outcome.Test!["divergence"], Is.GreaterThan(3), "codes are used");
        var sheet = Sheet("vae-sheet", weights);
        Assert.That(sheet.Average(), Is.InRange(0.03, 0.3), "mostly black, with strokes");
        Assert.That(sheet.Max(), Is.GreaterThan(0.8));
    }

    [Test]
    public void A_generator_and_its_discriminator_move_by_turns()
    {
        var recipe = Recipe("generative", "gan", settings: [("data.train.count", IsSlow ? "64" : "640"), ("epochs", "2")]);
        using var trainer = new Trainer(Device, recipe);
        var before = trainer.ReadWeights();
        var plans = trainer.Plans.Select(p => p.Key);
        Assert.That(plans, Is.EqualTo(new[] { "discriminator", "generator" }));
        trainer.Run();
        var after = trainer.ReadWeights();
        foreach (var name in before.Keys) Assert.That(after[name].ToArray<float>(), Is.Not.EqualTo(before[name].ToArray<float>()).And.All.Matches<float>(float.IsFinite), name);
        Assert.That(Sheet("gan-sheet", after), Has.All.InRange(0f, 1f));
    }

    [Test]
    public void Pictures_climb_the_scores_of_their_classes()
    {
        var outcome = Train(Recipe("visualising", "class-pictures", settings: [("epochs", "60")]), out var weights);
        Assert.That(outcome.Train["accuracy"], Is.GreaterThan(0.8));
        Assert.That(weights["image"].Shape, Is.EqualTo(new Shape(10, 1, 28, 28)));
    }

    [Test]
    public void Every_pixel_is_named()
    {
        if (IsSlow)
        {
            var losses = new List<double>();
            using var trainer = new Trainer(Device, Recipe("segmentation", "digits", settings: [("batch", "8"), ("data.train.count", "32"), ("data.test.count", "16"), ("epochs", "2")]), new TrainerOptions { EpochDone = e => losses.Add(e.Train.Loss) });
            trainer.Run();
            Assert.That(losses[^1], Is.LessThan(0.95 * losses[0]));
            return;
        }
        var outcome = Train(Recipe("segmentation", "digits", settings: [("data.train.count", "1280"), ("data.test.count", "100"), ("epochs", "1")]), out _);
        Assert.That(outcome.Train.Loss, Is.LessThan(Math.Log(11)));
        Assert.That(outcome.Test!["pixel_accuracy"], Is.GreaterThan(0.8));
    }

    private float[] Sheet(string name, IReadOnlyDictionary<string, Tensor> weights)
    {
        using var compiled = CompiledModel.Load(Device, ExampleFiles.Graph("generative", name + ".yaml"), null, new TensorWeights(weights));
        using var session = compiled.CreateSession();
        return session.Run(new Dictionary<string, Tensor>())["sheet"].ToArray<float>();
    }
}
