using System.Text.Json.Nodes;
using VkNet.Graphs;

namespace VkNet.Formats;

/// <summary>The parts of <see cref="GraphSchema"/> that follow from operators.</summary>
internal static class OperatorSchema
{
    /// <summary>A node: an operator's, with that operator's keys, or an instance of a block, whose arguments only the file knows.</summary>
    internal static JsonObject Node(IReadOnlyList<Operator> operators) => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("op"),
        ["properties"] = new JsonObject
        {
            ["op"] = new JsonObject
            {
                ["description"] = "The operator, or a block of this file.",
                ["anyOf"] = new JsonArray(new JsonObject { ["enum"] = new JsonArray([.. operators.Select(o => JsonValue.Create(o.Name))]) }, GraphSchema.Schema("string")),
            },
            ["input"] = Input(),
            ["inputs"] = Inputs(),
        },
        ["allOf"] = new JsonArray([.. operators.Select(o => new JsonObject
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["op"] = new JsonObject { ["const"] = o.Name } }, ["required"] = new JsonArray("op") },
            ["then"] = GraphSchema.Reference("operators/" + o.Name),
        })]),
    };

    /// <summary>An activation: an operator of one input by name, or with attributes.</summary>
    internal static JsonObject Activation(IReadOnlyList<Operator> operators)
    {
        var names = operators.Where(o => o.Inputs.Count(i => !i.Optional) == 1 && !o.Inputs[0].Variadic && o.OutputNames.Count == 1).Select(o => JsonValue.Create(o.Name));
        return new JsonObject
        {
            ["description"] = "An operator of one input, applied to the result.",
            ["anyOf"] = new JsonArray(new JsonObject { ["enum"] = new JsonArray([.. names]) }, GraphSchema.Reference("argument"), new JsonObject { ["type"] = "object", ["required"] = new JsonArray("op") }),
        };
    }

    /// <summary>All keys of a node of one operator.</summary>
    internal static JsonObject Of(Operator @operator)
    {
        var properties = new JsonObject
        {
            ["op"] = GraphSchema.Described(new JsonObject { ["const"] = @operator.Name }, @operator.Summary),
            ["input"] = Input(),
            ["inputs"] = Inputs(),
            ["activation"] = GraphSchema.Reference("activation"),
            ["description"] = GraphSchema.Schema("string"),
        };
        foreach (var input in @operator.Inputs)
            if (!properties.ContainsKey(input.Name)) properties[input.Name] = Operand(input);
        foreach (var attribute in @operator.Attributes)
            properties[attribute.Name] = attribute.Kind == AttributeKind.Flag && @operator.Inputs.FirstOrDefault(i => i.Name == attribute.Name) is { } operand
                ? GraphSchema.AnyOf(Attribute(attribute), Operand(operand))
                : Attribute(attribute);
        var schema = GraphSchema.Object(["op", .. @operator.Attributes.Where(a => a.Required).Select(a => a.Name)], properties);
        return GraphSchema.Described(schema, @operator.Summary);
    }

    private static JsonObject Input() => GraphSchema.Described(GraphSchema.Reference("reference"), "The first input.");

    private static JsonObject Inputs() => new()
    {
        ["description"] = "The inputs in order; null where an optional one is absent.",
        ["type"] = "array",
        ["items"] = GraphSchema.AnyOf(GraphSchema.Reference("reference"), GraphSchema.Schema("null")),
    };

    private static JsonObject Operand(OperandDefinition input)
    {
        var choices = new List<JsonNode> { GraphSchema.Reference("reference") };
        if (input.IsParameter) choices.Add(GraphSchema.Reference("parameter_options"));
        return GraphSchema.Described(GraphSchema.AnyOf([.. choices]), input.Summary
            + (input.IsParameter ? " A parameter unless a value is named here; a mapping says how it begins and trains." : "")
            + (input is { IsParameter: true, Optional: true } ? " false for none." : ""));
    }

    private static JsonObject Attribute(AttributeDefinition attribute)
    {
        var schema = attribute.Kind switch
        {
            AttributeKind.Integer => Integer(attribute),
            AttributeKind.Integers when attribute.ScalarAllowed => GraphSchema.AnyOf(List(Integer(attribute)), Integer(attribute)),
            AttributeKind.Integers => GraphSchema.AnyOf(List(Integer(attribute)), GraphSchema.Reference("argument")),
            AttributeKind.Real => GraphSchema.Reference("real"),
            AttributeKind.Reals => GraphSchema.AnyOf(List(GraphSchema.Reference("real")), GraphSchema.Reference("real")),
            AttributeKind.Flag => GraphSchema.Reference("flag"),
            AttributeKind.Text => Word(attribute),
            AttributeKind.Texts => GraphSchema.AnyOf(List(Word(attribute)), Word(attribute)),
            _ => new JsonObject { ["not"] = new JsonObject() },
        };
        if (!attribute.Required && Default(attribute.DefaultValue) is { } value) schema["default"] = value;
        return GraphSchema.Described(schema, attribute.Summary);
    }

    private static JsonObject Integer(AttributeDefinition attribute)
    {
        var number = GraphSchema.Schema("integer");
        if (attribute.Minimum is { } least) number["minimum"] = least;
        return GraphSchema.AnyOf(number, new JsonObject { ["type"] = "string", ["pattern"] = @"^[-+*/() $A-Za-z0-9_]+$" });
    }

    private static JsonObject Word(AttributeDefinition attribute) => attribute.Choices.Count == 0
        ? GraphSchema.Schema("string")
        : GraphSchema.AnyOf(new JsonObject { ["enum"] = new JsonArray([.. attribute.Choices.Select(c => JsonValue.Create(c))]) }, GraphSchema.Reference("argument"));

    private static JsonObject List(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    // JSON has no infinities; a default that is one goes unsaid.
    private static JsonNode? Default(object? value) => value switch
    {
        long v => JsonValue.Create(v),
        double v when double.IsFinite(v) => JsonValue.Create(v),
        bool v => JsonValue.Create(v),
        string v => JsonValue.Create(v),
        long[] v => new JsonArray([.. v.Select(i => JsonValue.Create(i))]),
        double[] v when v.All(double.IsFinite) => new JsonArray([.. v.Select(i => JsonValue.Create(i))]),
        string[] v => new JsonArray([.. v.Select(i => JsonValue.Create(i))]),
        _ => null,
    };
}
