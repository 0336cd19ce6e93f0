using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using VkNet.Formats;
using VkNet.Graphs;
using static VkNet.Formats.GraphSchema;

namespace VkNet.Training;

/// <summary>
/// The JSON Schema (draft 2020-12) of training recipes, generated from the operators of a registry, so that editors complete and check
/// keys. Losses, metrics and nodes are those of graph files: the schema refers to <c>graph.schema.json</c>, which lies beside it.
/// </summary>
public static class RecipeSchema
{
    /// <summary>The schema of graph files, which this one refers to.</summary>
    public const string GraphSchemaFile = "graph.schema.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as indented text that ends with a line feed: the form in which it is committed.</summary>
    public static string Text(OperatorRegistry registry) => Generate(registry).ToJsonString(Indented) + "\n";

    /// <summary>Generates the schema for recipes that use the optimizers and public operators of a registry.</summary>
    public static JsonObject Generate(OperatorRegistry registry)
    {
        var schema = Object(["version", "train", "data"], TopLevel());
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "VkNet training recipe");
        schema.Insert(2, "description", "What is trained, on what, how, and for how long. The short form has one loss and optimizer, the general form several steps over shared weights.");
        schema["anyOf"] = new JsonArray(Required("loss", "optimizer"), Required("steps"));
        schema["$defs"] = Definitions([.. registry.Operators.Where(o => o is IOptimizer)]);
        return schema;
    }

    private static JsonObject TopLevel() => new()
    {
        ["version"] = new JsonObject { ["const"] = RecipeFile.Version, ["description"] = "The version of the file format." },
        ["train"] = Word("The graph file of the model, seen from the recipe's folder."),
        ["name"] = Word("The training's name; the graph's when left out."),
        ["description"] = Word("For readers."),
        ["bind"] = Described(Map(Whole("Its size.", 1)), "Sizes of the model's symbols that the data do not tell."),
        ["weights"] = Word("What the parameters begin with, in place of their initialisers: a safetensors file."),
        ["initialise"] = Choice("How weights are prepared: layer by layer until each gives results of variance one (LSUV).", "lsuv"),
        ["parameters"] = Described(Map(FromGraph("parameter_options")), "How parameters begin and train, by their names; * stands for anything."),
        ["data"] = Own("data"),
        ["nodes"] = Described(Map(FromGraph("node")), "What losses and metrics share, over the names of the model and the fed columns; attributes may name the symbols of the model, such as N."),
        ["loss"] = Described(Own("term"), "What is minimised: a real scalar."),
        ["metrics"] = Described(Map(Own("term")), "What is measured beside the loss: real scalars, means over the batch."),
        ["optimizer"] = Own("optimizer"),
        ["schedule"] = Own("schedule"),
        ["steps"] = new JsonObject { ["type"] = "array", ["items"] = Own("step"), ["description"] = "The plans that make one iteration, in order." },
        ["copy"] = Described(AnyOf(Own("copy"), Many(Own("copy"))), "Parameters that follow others (target networks)."),
        ["wrt"] = WithRespectTo(),
        ["batch"] = Whole("Examples in a step.", 1, 64),
        ["evaluation_batch"] = Whole("Examples in a run of an evaluation.", 1, 250),
        ["epochs"] = Whole("Epochs after which the training ends.", 1, 1),
        ["iterations"] = Whole("Iterations after which the training ends, in place of epochs.", 1),
        ["checkpoint_every"] = Whole("Iterations between two checkpoints; one after every epoch when left out.", 1),
        ["early_stopping"] = Object(["patience"], new()
        {
            ["metric"] = Metric(),
            ["patience"] = Whole("Epochs without improvement that are accepted.", 1),
            ["minimum_change"] = Real("How much better a figure must be to count as improvement.", 0),
            ["goal"] = Choice("Whether larger is better; by the metric's name when left out.", "maximise", "minimise"),
        }),
        ["seed"] = Whole("Chooses every random number.", 0, 1),
    };

    private static JsonObject Definitions(IReadOnlyList<Operator> optimizers) => new()
    {
        ["term"] = Described(AnyOf(FromGraph("node"), Schema("string")), "The name of a value, or a node."),
        ["data"] = Object(["train"], new()
        {
            ["train"] = Own("source"),
            ["validation"] = Own("source"),
            ["test"] = Own("source"),
            ["split"] = Described(Object([], new() { ["validation"] = Real("Share of the training data."), ["test"] = Real("Share of the training data.") }), "Parts of the training data that are held back."),
            ["fold"] = Described(Object(["folds", "fold"], new() { ["folds"] = Whole("Number of parts.", 2), ["fold"] = Whole("The part held back, from 0.", 0) }), "One of several equal parts of the training data is the validation data (k-fold cross-validation)."),
            ["feed"] = Described(Map(AnyOf(Word("The name of a column."), Own("random"))), "What the inputs of the model and of the recipe's nodes are given: a column of the data, or random numbers."),
            ["augment"] = Own("augmentation"),
            ["order"] = Choice("The order of examples; shuffled, or streams for text.", "shuffled", "sequential", "streams"),
        }),
        ["source"] = Alternatives("source", "Where examples come from.", DataSourceReader.Kinds.Keys.Select(k => (k, Source(k)))),
        ["random"] = Object(["random"], new()
        {
            ["random"] = Choice("The distribution.", "normal", "uniform"),
            ["shape"] = new JsonObject { ["type"] = "array", ["items"] = Whole("", 0), ["description"] = "Sizes for one example." },
            ["low"] = Real("Lower end of a uniform distribution.", 0),
            ["high"] = Real("Upper end of a uniform distribution.", 1),
            ["mean"] = Real("Mean of a normal distribution.", 0),
            ["std"] = Real("Standard deviation of a normal distribution.", 1),
            ["fixed"] = Described(Schema("boolean"), "Whether an example has the same numbers in every epoch."),
        }),
        ["normalisation"] = Object([], new()
        {
            ["mean"] = Described(AnyOf(Real(""), Many(Real(""))), "Subtracted; one number, or one for each channel."),
            ["std"] = Described(AnyOf(Real(""), Many(Real(""))), "Divided by; one number, or one for each channel."),
            ["range"] = Real("What white is before that.", 1),
        }),
        ["augmentation"] = Described(Object([], new()
        {
            ["flip"] = Choice("Mirrors every second picture.", "none", "horizontal", "vertical", "both"),
            ["crop"] = Whole("Black pixels put around before a window is cut at a random place.", 0),
            ["shift"] = Real("Largest shift along each axis in pixels.", 0),
            ["rotate"] = Real("Largest rotation either way in degrees.", 0),
            ["scale"] = Described(Many(Real("")), "Smallest and largest factor of size."),
            ["brightness"] = Real("Largest relative change of brightness.", 0),
            ["contrast"] = Real("Largest relative change of contrast.", 0),
            ["saturation"] = Real("Largest relative change of saturation.", 0),
        }), "Random changes of training pictures."),
        ["step"] = Object(["minimise", "optimizer"], new()
        {
            ["name"] = Word("Its name in reports."),
            ["minimise"] = Described(Own("term"), "What is minimised: a real scalar."),
            ["wrt"] = WithRespectTo(),
            ["optimizer"] = Own("optimizer"),
            ["schedule"] = Own("schedule"),
            ["every"] = Whole("It runs in every so many iterations.", 1, 1),
        }),
        ["copy"] = Object(["from", "to"], new()
        {
            ["from"] = Word("The sources; may hold one *."),
            ["to"] = Word("The targets; what the * stands for is put in place of its own."),
            ["rate"] = Real("Share of the source; 1 copies it.", 1),
            ["every"] = Whole("Iterations between two copies.", 1, 1),
        }),
        ["optimizer"] = Alternatives("op", "How parameters are moved along their gradients.", optimizers.Select(o => (o.Name, Optimizer(o)))),
        ["schedule"] = Alternatives("type", "How the learning rate changes.", ScheduleReader.Types.Keys.Select(t => (t, Schedule(t)))),
    };

    private static JsonObject Source(string kind)
    {
        var file = Word("A file, seen from the data folder.");
        (string[] Required, JsonObject Properties) own = kind switch
        {
            "idx" => (["images"], new() { ["images"] = Word("The examples; may be packed (gz)."), ["labels"] = Word("Their classes.") }),
            "npz" => (["file"], new() { ["file"] = file, ["pictures"] = Described(Many(Schema("string")), "The arrays that hold pictures.") }),
            "csv" => (["file", "columns"], new()
            {
                ["file"] = file,
                ["header"] = Described(Schema("boolean"), "Whether the first line names the columns."),
                ["delimiter"] = Word("What stands between cells; a comma when left out."),
                ["columns"] = Described(Map(AnyOf(Named(), Many(Named()))), "The columns of the data, each made of one or several of the file, by name or number."),
            }),
            "text" => (["file"], new() { ["file"] = file, ["length"] = Whole("Characters in a window.", 1, 25), ["from"] = Real("Share of the text at which it begins.", 0), ["to"] = Real("Share of the text at which it ends.", 1) }),
            "cifar10" => (["files"], new() { ["files"] = Described(Many(Schema("string")), "Files of CIFAR-10's binary version.") }),
            "folder" => (["folder", "height", "width"], new()
            {
                ["folder"] = Word("A folder with a folder of pictures for every class."),
                ["channels"] = new JsonObject { ["enum"] = new JsonArray(1, 3), ["description"] = "1 for grey, 3 for colours.", ["default"] = 3 },
                ["height"] = Whole("Pixels.", 1),
                ["width"] = Whole("Pixels.", 1),
            }),
            "digits" => ([], new() { ["count"] = Whole("Number of examples.", 1, 10_000), ["seed"] = Whole("Chooses them.", 0, 1) }),
            "inline" => (["columns"], new() { ["columns"] = Described(Map(FromGraph("constant")), "Tensors written out, with an example in each row.") }),
            _ => ([], new() { ["count"] = Whole("Examples in an epoch, though there are none: everything fed is random.", 1, 1000) }),
        };
        own.Properties["normalise"] = Described(Own("normalisation"), "How bytes of pictures become numbers.");
        own.Properties["first"] = Whole("Takes the first so many examples only.", 1);
        own.Properties["shuffle_pixels"] = Whole("Puts the pixels of every picture into one random order, chosen by this seed.", 0);
        return Variant("source", kind, own.Required, own.Properties);
    }

    private static JsonObject Schedule(string type)
    {
        var factor = Real("What the rate is multiplied by.");
        (string[] Required, JsonObject Properties) own = type switch
        {
            "step" => (["factor"], new() { ["every"] = Real("Time between changes."), ["at"] = Described(Many(Real("")), "The times of the changes, in place of 'every'."), ["factor"] = factor }),
            "exponential" => (["factor"], new() { ["factor"] = factor }),
            "inverse_time" => (["decay"], new() { ["decay"] = Real("The rate is divided by 1 + decay t.") }),
            "cosine" => ([], new()
            {
                ["period"] = Real("Time of the first descent; the whole training when left out."),
                ["period_factor"] = Real("How much longer each period is than the one before.", 1),
                ["minimum"] = Real("The factor at the end of a period.", 0),
                ["restart"] = Described(Schema("boolean"), "Whether the rate rises again; true where a period is given."),
            }),
            "plateau" => (["patience", "factor"], new()
            {
                ["metric"] = Metric(),
                ["patience"] = Whole("Epochs without improvement that are accepted.", 1),
                ["factor"] = factor,
                ["minimum"] = Real("The smallest factor reached.", 0),
            }),
            _ => ([], []),
        };
        own.Properties["warm_up"] = Real("Time over which the rate first rises from nothing.", 0);
        own.Properties["unit"] = Choice("What time is counted in.", "epochs", "steps");
        return Variant("type", type, own.Required, own.Properties);
    }

    private static JsonObject Optimizer(Operator @operator)
    {
        var properties = new JsonObject { ["lr"] = Real("The learning rate before the schedule.") };
        foreach (var attribute in @operator.Attributes) properties[attribute.Name] = Attribute(attribute);
        if (@operator is not IJointOptimizer) properties["average"] = Real("Share of the running average of the weights that is kept in a step (Polyak); with it the average is what is evaluated and saved.", 0);
        return Described(Variant("op", @operator.Name, ["lr"], properties), @operator.Summary);
    }

    // Attributes of optimizers are plain numbers and words; graph files' arguments have no place here.
    private static JsonObject Attribute(AttributeDefinition attribute) => Described(attribute.Kind switch
    {
        AttributeKind.Integer => Whole("", attribute.Minimum ?? long.MinValue, attribute.DefaultValue as long?),
        AttributeKind.Real => Real("", attribute.DefaultValue as double?),
        AttributeKind.Flag => Schema("boolean"),
        _ => Choice("", [.. attribute.Choices]),
    }, attribute.Summary);

    // A mapping one of whose keys decides which others there are.
    private static JsonObject Alternatives(string key, string description, IEnumerable<(string Value, JsonObject Schema)> variants)
    {
        var all = variants.ToList();
        return new JsonObject
        {
            ["description"] = description,
            ["type"] = "object",
            ["required"] = new JsonArray(key),
            ["properties"] = new JsonObject { [key] = new JsonObject { ["enum"] = new JsonArray([.. all.Select(v => JsonValue.Create(v.Value))]) } },
            ["allOf"] = new JsonArray([.. all.Select(v => new JsonObject
            {
                ["if"] = new JsonObject { ["properties"] = new JsonObject { [key] = new JsonObject { ["const"] = v.Value } }, ["required"] = new JsonArray(key) },
                ["then"] = v.Schema,
            })]),
        };
    }

    private static JsonObject Variant(string key, string value, IEnumerable<string> required, JsonObject properties)
    {
        properties.Insert(0, key, new JsonObject { ["const"] = value });
        return Object([key, .. required], properties);
    }

    private static JsonObject WithRespectTo() => Described(AnyOf(Schema("string"), Many(Schema("string"))), "What is trained: parameters by name (* stands for anything), or inputs by their full name; everything when left out.");

    private static JsonObject Metric() => Word("The figure watched: loss or a metric, of the validation data where there are any.");

    private static JsonObject Named() => new() { ["type"] = new JsonArray("string", "integer") };

    private static JsonObject FromGraph(string definition) => new() { ["$ref"] = $"{GraphSchemaFile}#/$defs/{definition}" };

    private static JsonObject Own(string definition) => Reference(definition);

    private static JsonObject Required(params string[] keys) => new() { ["required"] = new JsonArray([.. keys.Select(k => JsonValue.Create(k))]) };

    private static JsonObject Map(JsonObject of) => new() { ["type"] = "object", ["additionalProperties"] = of };

    private static JsonObject Many(JsonObject of) => new() { ["type"] = "array", ["items"] = of };

    private static JsonObject Word(string description) => Said(Schema("string"), description);

    private static JsonObject Choice(string description, params string[] words) => Said(new JsonObject { ["enum"] = new JsonArray([.. words.Select(w => JsonValue.Create(w))]) }, description);

    private static JsonObject Real(string description, double? otherwise = null)
    {
        var schema = Said(FromGraph("real"), description);
        if (otherwise is { } value) schema["default"] = value;
        return schema;
    }

    private static JsonObject Whole(string description, long least, long? otherwise = null)
    {
        var schema = Said(Schema("integer"), description);
        if (least > long.MinValue) schema["minimum"] = least;
        if (otherwise is { } value) schema["default"] = value;
        return schema;
    }

    private static JsonObject Said(JsonObject schema, string description) => description.Length > 0 ? Described(schema, description) : schema;
}
