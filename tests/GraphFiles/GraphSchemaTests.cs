using System.Text.Json.Nodes;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tests.Examples;

namespace VkNet.Tests.GraphFiles;

internal sealed class GraphSchemaTests
{
    private static readonly string Committed = Path.Combine(TestData.Repository, "examples", "graph.schema.json");

    [Test]
    public void The_committed_schema_is_the_generated_one()
    {
        var text = GraphSchema.Text(StandardOperators.Registry);
        if (Environment.GetEnvironmentVariable("VKNET_UPDATE_SCHEMA") == "1") File.WriteAllText(Committed, text);
        Assert.That(File.ReadAllText(Committed), Is.EqualTo(text), "the operators have changed; regenerate it: tools/vknet schema > examples/graph.schema.json");
    }

    [Test]
    public void Every_public_operator_has_a_summary_for_itself_its_inputs_and_its_attributes()
    {
        foreach (var found in StandardOperators.Registry.Operators.Where(o => o.IsPublic))
        {
            Assert.That(found.Summary, Is.Not.Empty, found.Name);
            foreach (var input in found.Inputs) Assert.That(input.Summary, Is.Not.Empty, $"{found.Name}.{input.Name}");
            foreach (var attribute in found.Attributes) Assert.That(attribute.Summary, Is.Not.Empty, $"{found.Name}.{attribute.Name}");
            var keys = found.Attributes.Select(a => a.Name).Concat(["op", "inputs", "activation", "repeat", "description"]).ToList();
            Assert.That(keys, Is.Unique, $"{found.Name}: an attribute has the name of a key that all nodes have");
        }
    }

    [Test]
    public void Operators_that_only_passes_emit_are_not_in_it() =>
        Assert.That(((JsonObject)GraphSchema.Generate(StandardOperators.Registry)["$defs"]!["operators"]!).Select(o => o.Key),
            Is.EquivalentTo(StandardOperators.Registry.Operators.Where(o => o.IsPublic).Select(o => o.Name)));

    [TestCaseSource(nameof(Examples))]
    public void Every_example_is_valid(string file)
    {
        var text = File.ReadAllText(Path.Combine(TestData.Repository, "examples", file));
        Assert.That(Validate(text), Is.Null);
        Assert.That(text, Does.StartWith("# yaml-language-server: $schema="));
        GraphFile.Parse(text, StandardOperators.Registry, file);
    }

    [TestCase("version: 1\noutputs: []", null)]
    [TestCase("outputs: []", "lacks version")]
    [TestCase("version: 2\noutputs: []", "/version: not 1")]
    [TestCase("version: 1\nnodez: {}\noutputs: []", "unknown key nodez")]
    [TestCase("version: 1\ninputs: {x: {shape: [N, 3]}}\nnodes: {y: {op: reshape, input: x, shape: [3, -1]}}\noutputs: [y]", null)]
    [TestCase("version: 1\ninputs: {x: {shape: [N, -3]}}\noutputs: [x]", "/inputs/x/shape/1")]
    [TestCase("version: 1\ninputs: {x: {shape: [N], dtype: float}}\noutputs: [x]", "/inputs/x/dtype")]
    [TestCase("version: 1\ninputs: {x: {shape: [N, 3]}}\nnodes: {y: {op: reshape, input: x}}\noutputs: [y]", "/nodes/y: lacks shape")]
    [TestCase("version: 1\ninputs: {x: {shape: [N, 3]}}\nnodes: {y: {op: reshape, input: x, shape: [-1], shapes: [1]}}\noutputs: [y]", "unknown key shapes")]
    [TestCase("version: 1\ninputs: {x: {shape: [N, 3]}}\nnodes: {y: {op: reshape, input: x, shape: [-2]}}\noutputs: [y]", "/nodes/y/shape")]
    [TestCase("version: 1\nblocks: {b: {inputs: [x], arguments: {k: 3}, nodes: {y: {op: reshape, input: x, shape: [$k, 2*$k]}}, outputs: [y]}}\ninputs: {x: {shape: [18]}}\nnodes: {y: {op: b, input: x, k: 3}}\noutputs: {a: y}", null)]
    [TestCase("version: 1\nstates: {s: {value: [[1, 2], [3, .inf]]}}\noutputs: [s]", "/states/s: lacks next")]
    [TestCase("version: 1\nconstants: {k: {shape: [2], value: [1, 2e3]}, t: true, z: 0.5}\nparameters: {W: {shape: [2, 3], init: he}}\noutputs: [k]", null)]
    [TestCase("version: 1\nparameters: {W: {shape: [2, 3], init: her}}\noutputs: [W]", "/parameters/W/init")]
    public void It_says_what_a_graph_file_may_be(string text, string? fault)
    {
        if (fault is null) Assert.That(Validate(text), Is.Null);
        else Assert.That(Validate(text), Does.Contain(fault));
    }

    private static string? Validate(string yaml) => new JsonSchemaValidator((JsonObject)JsonNode.Parse(GraphSchema.Text(StandardOperators.Registry))!).Validate(YamlToJson.Read(yaml));

    // One example brings an operator that only its own program knows.
    private static IEnumerable<string> Examples() => ExampleFiles.All("*.yaml")
        .Where(f => !f.StartsWith("custom-operator", StringComparison.Ordinal) && File.ReadLines(ExampleFiles.At(f)).Any(l => l.StartsWith("outputs:", StringComparison.Ordinal)));
}
