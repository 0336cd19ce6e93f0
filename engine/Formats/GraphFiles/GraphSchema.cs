using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>
/// The JSON Schema (draft 2020-12) of graph files, generated from the operators of a registry, so that editors complete and check keys.
/// It says what the text may be; shapes, references and arithmetic are checked by <see cref="GraphFile"/>.
/// </summary>
public static class GraphSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Generates the schema for graph files that use the public operators of a registry.</summary>
    public static JsonObject Generate(OperatorRegistry registry)
    {
        var operators = registry.Operators.Where(o => o.IsPublic).ToList();
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "VkNet graph file",
            ["description"] = "A neural network or another static tensor program. Every name is assigned once; a node may use only what stands above it.",
            ["type"] = "object",
            ["required"] = new JsonArray("version", "outputs"),
            ["additionalProperties"] = false,
            ["properties"] = TopLevel(),
            ["$defs"] = Definitions(operators),
        };
    }

    /// <summary>The schema as indented text that ends with a line feed: the form in which it is committed.</summary>
    public static string Text(OperatorRegistry registry) => Generate(registry).ToJsonString(Indented) + "\n";

    private static JsonObject TopLevel() => new()
    {
        ["version"] = new JsonObject { ["const"] = GraphFile.Version, ["description"] = "The version of the file format." },
        ["graph"] = Described(Schema("string"), "The graph's name; the file's name when left out."),
        ["description"] = Described(Schema("string"), "For readers."),
        ["inputs"] = Described(MapOf("input"), "Tensors fed on every run, in order."),
        ["parameters"] = Described(MapOf("parameter"), "Free-standing parameters; those of a node come into being with it, as NODE.weight and so on."),
        ["constants"] = Described(MapOf("constant"), "Tensors written out."),
        ["states"] = Described(MapOf("state"), "Tensors carried from one run to the next."),
        ["blocks"] = Described(MapOf("block"), "Sub-graphs with arguments, used like operators."),
        ["nodes"] = Described(MapOf("node"), "What is computed, in order."),
        ["outputs"] = new JsonObject
        {
            ["description"] = "The results: a list of names, or a mapping from the name that callers see to the value.",
            ["anyOf"] = new JsonArray(ListOf("reference"), MapOf("reference")),
        },
        ["weights_file"] = Described(Schema("string"), "Where the parameters' values lie, beside this file (safetensors or npz)."),
    };

    private static JsonObject Definitions(IReadOnlyList<Operator> operators) => new()
    {
        ["reference"] = new JsonObject
        {
            ["description"] = "The name of a value; NODE:OUTPUT for an output that is not the first.",
            ["type"] = new JsonArray("string", "number", "boolean"),
        },
        ["argument"] = new JsonObject { ["description"] = "An argument of the block.", ["type"] = "string", ["pattern"] = @"^\$[A-Za-z0-9_]+$" },
        ["integer"] = new JsonObject
        {
            ["description"] = "A whole number, or sums, products and exact quotients of numbers, symbols and $arguments.",
            ["anyOf"] = new JsonArray(Schema("integer"), new JsonObject { ["type"] = "string", ["pattern"] = @"^[-+*/() $A-Za-z0-9_]+$" }),
        },
        ["real"] = new JsonObject
        {
            ["anyOf"] = new JsonArray(Schema("number"), new JsonObject { ["type"] = "string", ["pattern"] = @"^([-+]?\.(inf|nan|Inf|NaN|INF|NAN)|\$[A-Za-z0-9_]+|[-+]?[0-9.]+([eE][-+]?[0-9]+)?)$" }),
        },
        ["flag"] = AnyOf(Schema("boolean"), Reference("argument")),
        ["shape"] = Described(ListOf("integer"), "Sizes of the axes."),
        ["dtype"] = new JsonObject
        {
            ["description"] = "Element type; f32 when left out.",
            ["enum"] = new JsonArray([.. DataTypes.AllNames.Select(n => JsonValue.Create(n))]),
        },
        ["input"] = Object(["shape"], new()
        {
            ["shape"] = new JsonObject
            {
                ["description"] = "Sizes, or symbols that are bound when compiling: [N, 3, H, W].",
                ["type"] = "array",
                ["items"] = AnyOf(new JsonObject { ["type"] = "integer", ["minimum"] = 0 }, new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z][A-Za-z0-9_]*$" }),
                ["maxItems"] = 32,
            },
            ["dtype"] = Reference("dtype"),
            ["description"] = Schema("string"),
        }),
        ["parameter"] = Object(["shape"], new(ParameterKeys()) { ["shape"] = Reference("shape"), ["dtype"] = Reference("dtype") }),
        ["parameter_options"] = Object([], new(ParameterKeys())),
        ["value"] = new JsonObject
        {
            ["description"] = "Numbers, in nested lists as the axes are.",
            ["anyOf"] = new JsonArray(Schema("boolean"), Reference("real"), new JsonObject { ["type"] = "array", ["items"] = Reference("value") }),
        },
        ["constant"] = AnyOf(Reference("value"), Object(["value"], new()
        {
            ["value"] = Reference("value"),
            ["shape"] = Described(Reference("shape"), "When the values are a flat list, or one number that fills the whole."),
            ["dtype"] = Reference("dtype"),
            ["description"] = Schema("string"),
        })),
        ["state"] = Object(["next"], new()
        {
            ["next"] = Described(Reference("reference"), "The value that it takes at the end of a run."),
            ["value"] = Described(Reference("value"), "The initial value; zeros when left out."),
            ["shape"] = Reference("shape"),
            ["dtype"] = Reference("dtype"),
            ["description"] = Schema("string"),
        }),
        ["block"] = Object(["nodes", "outputs"], new()
        {
            ["description"] = Schema("string"),
            ["inputs"] = Described(ListOf("reference"), "The names that the block's inputs have inside it."),
            ["arguments"] = new JsonObject { ["type"] = "object", ["description"] = "Arguments with their defaults; 'required' where there is none. Inside the block: $name." },
            ["nodes"] = MapOf("node"),
            ["outputs"] = ListOf("reference"),
        }),
        ["node"] = OperatorSchema.Node(operators),
        ["activation"] = OperatorSchema.Activation(operators),
        ["operators"] = new JsonObject([.. operators.Select(o => KeyValuePair.Create(o.Name, (JsonNode?)OperatorSchema.Of(o)))]),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> ParameterKeys() =>
    [
        new("init", new JsonObject
        {
            ["description"] = "How the values begin: a distribution, or a number that fills the whole.",
            ["anyOf"] = new JsonArray(new JsonObject { ["enum"] = new JsonArray([.. Initializer.Names.Select(n => JsonValue.Create(n))]) }, Reference("real")),
        }),
        new("scale", Described(Reference("real"), "The initialiser's number: the constant, the standard deviation or the half width.")),
        new("lr_scale", Described(Reference("real"), "Factor on the learning rate.")),
        new("decay_scale", Described(Reference("real"), "Factor on the weight decay.")),
        new("frozen", Described(Reference("flag"), "Whether training leaves it as it is.")),
    ];

    internal static JsonObject Schema(string type) => new() { ["type"] = type };

    internal static JsonObject Reference(string definition) => new() { ["$ref"] = "#/$defs/" + definition };

    internal static JsonObject AnyOf(params JsonNode[] choices) => new() { ["anyOf"] = new JsonArray(choices) };

    internal static JsonObject Described(JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }

    internal static JsonObject Object(IEnumerable<string> required, JsonObject properties) => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray([.. required.Select(r => JsonValue.Create(r))]),
        ["additionalProperties"] = false,
        ["properties"] = properties,
    };

    private static JsonObject ListOf(string definition) => new() { ["type"] = "array", ["items"] = Reference(definition) };

    private static JsonObject MapOf(string definition) => new() { ["type"] = "object", ["additionalProperties"] = Reference(definition) };
}
