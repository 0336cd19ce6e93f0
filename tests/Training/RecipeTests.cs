using VkNet.Training;

namespace VkNet.Tests.Training;

internal sealed class RecipeTests
{
    [Test]
    public void A_recipe_is_read()
    {
        using var folder = new RecipeFolder();
        var recipe = folder.Load();
        Assert.Multiple(() =>
        {
            Assert.That(recipe.Name, Is.EqualTo("xor"));
            Assert.That(recipe.Batch, Is.EqualTo(4));
            Assert.That(recipe.Epochs, Is.EqualTo(60));
            Assert.That(recipe.Data.Train.Source.Count, Is.EqualTo(4));
            Assert.That(recipe.Data.Train.Order, Is.EqualTo(DataOrder.Shuffled));
            Assert.That(recipe.Steps, Has.Count.EqualTo(1));
            Assert.That(recipe.Steps[0].Optimizer.Operator, Is.EqualTo("adam"));
            Assert.That(recipe.Metrics.Select(m => m.Key), Is.EqualTo(new[] { "distance" }));
        });
    }

    [Test]
    public void Values_of_the_command_line_take_the_place_of_the_recipe_s()
    {
        using var folder = new RecipeFolder();
        var recipe = folder.Load(("optimizer.lr", "0.5"), ("epochs", "3"), ("schedule.type", "exponential"), ("schedule.factor", "0.5"), ("data.train.columns.points.0", "[7, 8]"));
        Assert.Multiple(() =>
        {
            Assert.That(recipe.Steps[0].Optimizer.LearningRate, Is.EqualTo(0.5));
            Assert.That(recipe.Epochs, Is.EqualTo(3));
            Assert.That(recipe.Steps[0].Schedule, Is.EqualTo(new ExponentialSchedule(0.5)));
            Assert.That(recipe.Text, Does.EndWith("# --set data.train.columns.points.0=[7, 8]\n"));
        });
        var first = VkNet.Tensors.Tensor.Zeros(VkNet.Tensors.DataType.Float32, [1, 2]);
        recipe.Data.Train.Source.Read(0, [0], first);
        Assert.That(first.ToArray<float>(), Is.EqualTo(new[] { 7f, 8f }));
    }

    [TestCase("optimizer.lr", "0", "VKN5021", "0")]
    [TestCase("optimizer.lr", "-1", "VKN5021", "-1")]
    [TestCase("optimizer.lr", ".nan", "VKN5021", ".nan")]
    [TestCase("optimizer.lr", ".inf", "VKN5021", ".inf")]
    [TestCase("optimizer.op", "adamm", "VKN5012", "adam")]
    [TestCase("optimizer.beta", "1", "VKN1102", "beta1")]
    [TestCase("optimizer.average", "1", "VKN1203", "average")]
    [TestCase("optimiser.lr", "1", "VKN1102", "optimizer")]
    [TestCase("epochs", "0", "VKN1203", "epochs")]
    [TestCase("batch", "-4", "VKN1203", "batch")]
    [TestCase("batch", "5", "VKN5113", "4 training examples")]
    [TestCase("batch", "many", "VKN1006", "many")]
    [TestCase("version", "2", "VKN1004", "version 1")]
    [TestCase("train", "missing.yaml", "VKN6001", "missing.yaml")]
    [TestCase("data.train.source", "idxx", "VKN1006", "idx")]
    [TestCase("data.train.colums", "{}", "VKN1102", "columns")]
    [TestCase("data.split.validation", "0.9", "VKN5114", "4 examples")]
    [TestCase("data.split.validation", "1.5", "VKN5114", "shares")]
    [TestCase("data.fold", "{folds: 9, fold: 0}", "VKN5114", "folds")]
    [TestCase("data.augment.flip", "horizontal", "VKN5120", "pictures")]
    [TestCase("data.order", "random", "VKN1006", "shuffled")]
    [TestCase("schedule.type", "stepp", "VKN1006", "step")]
    [TestCase("schedule", "{type: plateau, metric: distanc, patience: 2, factor: 0.5}", "VKN1103", "distance")]
    [TestCase("schedule", "{type: step, every: 0, factor: 0.5}", "VKN1203", "every")]
    [TestCase("early_stopping", "{metric: accuracy, patience: 2}", "VKN1103", "accuracy")]
    [TestCase("early_stopping", "{patience: 0}", "VKN1203", "patience")]
    [TestCase("loss.op", "reduce_meen", "VKN1101", "reduce_mean")]
    [TestCase("loss.axxes", "[0]", "VKN1102", "axes")]
    [TestCase("epochs.deep", "1", "VKN1007", "epochs")]
    [TestCase("copy", "{from: a.*, to: b}", "VKN1006", "b")]
    [TestCase("steps", "[]", "VKN1102", "steps")]
    public void Mistakes_are_named_with_their_place(string key, string value, string code, string says)
    {
        using var folder = new RecipeFolder();
        var fault = Faults.Expect(code, () => folder.Load((key, value)));
        Assert.That(fault.Message, Does.Contain(says));
        Assert.That(fault.Diagnostic.Location, Is.Not.Null);
    }

    [Test]
    public void A_mistake_in_the_file_has_line_column_and_caret()
    {
        using var folder = new RecipeFolder(RecipeFolder.Recipe.Replace("metrics:", "metric:", StringComparison.Ordinal));
        var fault = Faults.Expect("VKN1102", () => folder.Load());
        Assert.That(fault.Diagnostic.Location!.Line, Is.EqualTo(11));
        Assert.That(fault.Diagnostic.Location.Column, Is.EqualTo(1));
        Assert.That(fault.Message, Does.Contain("did you mean 'metrics'?").And.Contain("^"));
    }
}
