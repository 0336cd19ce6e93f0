using VkNet.Execution;
using VkNet.Operators;
using VkNet.Tests.Device;
using VkNet.Tests.Examples;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>Models of text: state carried from window to window, evaluation with state of its own, sampling.</summary>
internal sealed class TextTrainingTests(string driver) : OnEveryDevice(driver)
{
    // Eight characters over and over: what comes next is certain.
    private static readonly string Text = string.Concat(Enumerable.Repeat("abacadae", 200));

    private static Recipe Recipe(string model, ScratchFolder folder, params (string Key, string Value)[] settings)
    {
        File.WriteAllText(folder["tinyshakespeare.txt"], Text);
        return RecipeFile.Load(ExampleFiles.At("text", model + ".train.yaml"), StandardOperators.Registry, new RecipeOptions
        {
            DataFolder = folder[""],
            Overrides = [new("bind.V", "5"), .. settings.Select(s => new KeyValuePair<string, string>(s.Key, s.Value))],
        });
    }

    [Test]
    public void A_recurrent_net_learns_a_pattern_and_writes_it()
    {
        using var folder = new ScratchFolder();
        var recipe = Recipe("min-char-rnn", folder, ("iterations", "400"));
        using var trainer = new Trainer(Device, recipe);
        trainer.Run();
        using var sampler = new TextSampler(Device, recipe, new TensorWeights(trainer.ReadWeights()));
        // Which of b, c, d, e comes next depends on what came two characters before: only a state knows.
        Assert.That(string.Concat(sampler.Write("abacadaeabac", 12, 0, 1)), Is.EqualTo("adaeabacadae"));
        var once = string.Concat(sampler.Write("a", 40, 1, 7));
        Assert.That(string.Concat(sampler.Write("a", 40, 1, 7)), Is.EqualTo(once), "the same seed writes the same");
        Faults.Expect("VKN5211", () => _ = sampler.Write("xyz", 1, 1, 1));
    }

    [Test]
    public void An_LSTM_resumes_to_the_bit_with_its_state_and_is_measured_on_text_held_back()
    {
        using var folder = new ScratchFolder();
        (string, string)[] settings = [("batch", "4"), ("data.train.length", "12"), ("data.test.length", "12"), ("epochs", "2")];
        byte[] Run(string name, int? stopAt, Checkpoint? from, out TrainingOutcome outcome)
        {
            using var cancellation = new CancellationTokenSource();
            using var trainer = new Trainer(Device, Recipe("char-lstm", folder, settings), new TrainerOptions { OutputFolder = folder[name], Resume = from, Progress = p => { if (p.Iteration == stopAt) cancellation.Cancel(); } });
            outcome = trainer.Run(cancellation.Token);
            return File.ReadAllBytes(outcome.CheckpointFile!);
        }
        var whole = Run("whole", null, null, out var outcome);
        Assert.That(outcome.Test!.Loss, Is.LessThan(1));
        Run("part", 31, null, out _);
        Assert.That(Run("part", null, Checkpoint.Load(Path.Combine(folder["part"], "checkpoint.safetensors")), out _), Is.EqualTo(whole));
    }

    [Test]
    public void A_recipe_without_text_cannot_be_sampled_from()
    {
        using var folder = new RecipeFolder();
        Faults.Expect("VKN5210", () => new TextSampler(Device, folder.Load(), TensorWeights.Empty).Dispose());
    }
}
