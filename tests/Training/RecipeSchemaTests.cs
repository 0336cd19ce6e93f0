using System.Text.Json.Nodes;
using VkNet.Formats;
using VkNet.Operators;
using VkNet.Tests.Examples;
using VkNet.Tests.GraphFiles;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>The schema of recipes is that of the reader: same keys, same words.</summary>
internal sealed class RecipeSchemaTests
{
    private static readonly string Committed = Path.Combine(TestData.Repository, "examples", "recipe.schema.json");
    private static readonly JsonObject Schema = (JsonObject)JsonNode.Parse(RecipeSchema.Text(StandardOperators.Registry))!;
    private static readonly JsonSchemaValidator Validator = new(Schema, new Dictionary<string, JsonObject>
    {
        [RecipeSchema.GraphSchemaFile] = (JsonObject)JsonNode.Parse(GraphSchema.Text(StandardOperators.Registry))!,
    });

    [Test]
    public void The_committed_schema_is_the_generated_one() =>
        Assert.That(File.ReadAllText(Committed), Is.EqualTo(RecipeSchema.Text(StandardOperators.Registry)), "the optimizers or the recipe's keys have changed; regenerate it: tools/vknet schema --recipe > examples/recipe.schema.json");

    [Test]
    public void It_has_the_keys_that_the_reader_knows() => Assert.Multiple(() =>
    {
        Assert.That(Keys(Schema), Is.EquivalentTo(RecipeFile.Keys));
        Assert.That(Keys(Schema["properties"]!["early_stopping"]!), Is.EquivalentTo(RecipeFile.StoppingKeys));
        Assert.That(Keys(Definition("copy")), Is.EquivalentTo(RecipeFile.CopyKeys));
        Assert.That(Keys(Definition("step")), Is.EquivalentTo(ObjectiveReader.StepKeys));
        Assert.That(Keys(Definition("data")), Is.EquivalentTo(DataReader.Keys));
        Assert.That(Keys(Definition("random")), Is.EquivalentTo(DataReader.FeedKeys));
        Assert.That(Keys(Definition("normalisation")), Is.EquivalentTo(DataReader.NormalizationKeys));
        Assert.That(Keys(Definition("augmentation")), Is.EquivalentTo(DataReader.AugmentationKeys));
        Assert.That(Variants("source").Keys, Is.EquivalentTo(DataSourceReader.Kinds.Keys));
        foreach (var (kind, keys) in Variants("source")) Assert.That(keys, Is.EquivalentTo(DataSourceReader.CommonKeys.Concat(DataSourceReader.Kinds[kind])), kind);
        Assert.That(Variants("schedule").Keys, Is.EquivalentTo(ScheduleReader.Types.Keys));
        foreach (var (type, keys) in Variants("schedule")) Assert.That(keys, Is.EquivalentTo(ScheduleReader.CommonKeys.Concat(ScheduleReader.Types[type])), type);
        Assert.That(Variants("optimizer").Keys, Is.EquivalentTo(StandardOperators.Registry.Operators.Where(o => o is IOptimizer).Select(o => o.Name)));
    });

    [TestCaseSource(nameof(Examples))]
    public void Every_example_is_valid(string file)
    {
        var text = File.ReadAllText(Path.Combine(TestData.Repository, "examples", file));
        Assert.That(Validator.Validate(YamlToJson.Read(text)), Is.Null);
        Assert.That(text, Does.StartWith("# yaml-language-server: $schema=../recipe.schema.json\n"));
    }

    [TestCase("batch: 4", "btch: 4", "unknown key btch")]
    [TestCase("batch: 4", "batch: 0", "/batch: below 1")]
    [TestCase("{op: adam, lr: 0.05}", "{op: adamm, lr: 0.05}", "/optimizer/op")]
    [TestCase("{op: adam, lr: 0.05}", "{op: adam}", "/optimizer: lacks lr")]
    [TestCase("{op: adam, lr: 0.05}", "{op: adam, lr: 0.05, beta: 1}", "/optimizer: unknown key beta")]
    [TestCase("{op: adam, lr: 0.05}", "{op: momentum, lr: 0.05, form: speed}", "/optimizer/form")]
    [TestCase("source: inline", "source: inlined", "/data/train/source")]
    [TestCase("source: inline", "source: digits", "/data/train: unknown key columns")]
    [TestCase("loss: {op: reduce_mean", "loss: {op: reduce_mean, axxes: 1", "/loss: unknown key axxes")]
    [TestCase("loss: ", "lost: ", "unknown key lost")]
    [TestCase("epochs: 60", "schedule: {type: step, every: 3}", "/schedule: lacks factor")]
    [TestCase("epochs: 60", "data2: 60", "unknown key data2")]
    public void It_says_what_a_recipe_may_be(string correct, string wrong, string fault)
    {
        Assert.That(Validator.Validate(YamlToJson.Read(RecipeFolder.Recipe)), Is.Null);
        Assert.That(RecipeFolder.Recipe.Contains(correct, StringComparison.Ordinal));
        Assert.That(Validator.Validate(YamlToJson.Read(RecipeFolder.Recipe.Replace(correct, wrong, StringComparison.Ordinal))), Does.Contain(fault));
    }

    private static JsonObject Definition(string name) => (JsonObject)Schema["$defs"]![name]!;

    private static IEnumerable<string> Keys(JsonNode schema) => ((JsonObject)schema["properties"]!).Select(p => p.Key);

    private static Dictionary<string, List<string>> Variants(string definition) => ((JsonArray)Definition(definition)["allOf"]!).Select(v => v!["then"]!)
        .ToDictionary(s => ((JsonObject)s["properties"]!).First().Value!["const"]!.GetValue<string>(), s => Keys(s).ToList());

    private static IEnumerable<string> Examples() => ExampleFiles.All("*.train.yaml");
}
