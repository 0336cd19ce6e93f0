using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VkNet.Tests.GraphFiles;

/// <summary>Validates a JSON document against the part of JSON Schema that our schemas use; an unknown keyword fails loudly.</summary>
/// <param name="root">The schema.</param>
/// <param name="beside">Schemas that it refers to by the names of their files.</param>
internal sealed class JsonSchemaValidator(JsonObject root, IReadOnlyDictionary<string, JsonObject>? beside = null)
{
    private static readonly HashSet<string> Annotations = ["$schema", "$defs", "title", "description", "default", "if", "then"];

    /// <summary>The first fault as <c>path: what</c>; null when the document is valid.</summary>
    public string? Validate(JsonNode? document) => Validate(document, root, "");

    private string? Validate(JsonNode? value, JsonObject schema, string path)
    {
        foreach (var (keyword, argument) in schema)
            if (!Annotations.Contains(keyword) && Check(keyword, argument!, value, schema, path) is { } fault) return fault;
        if (schema["if"] is JsonObject condition && Validate(value, condition, path) is null) return Validate(value, (JsonObject)schema["then"]!, path);
        return null;
    }

    private JsonObject Find(string place)
    {
        JsonNode target = root;
        foreach (var step in place.Split('/').Skip(1)) target = target[step] ?? throw new InvalidOperationException($"dangling {place}");
        return (JsonObject)target;
    }

    private string? Check(string keyword, JsonNode argument, JsonNode? value, JsonObject schema, string path)
    {
        switch (keyword)
        {
            case "$ref":
                var (file, place) = argument.GetValue<string>().Split('#') is [var before, var after] ? (before, after) : throw new InvalidOperationException($"{argument} lacks '#'");
                var owner = file.Length == 0 ? this : new JsonSchemaValidator(beside![file]);
                return owner.Validate(value, owner.Find(place), path);
            case "type":
                var types = argument is JsonArray list ? list.Select(t => t!.GetValue<string>()) : [argument.GetValue<string>()];
                return types.Any(t => IsOf(value, t)) ? null : $"{path}: not of type {argument.ToJsonString()}";
            case "const":
                return JsonNode.DeepEquals(argument, value) ? null : $"{path}: not {argument.ToJsonString()}";
            case "enum":
                return ((JsonArray)argument).Any(a => JsonNode.DeepEquals(a, value)) ? null : $"{path}: not among {argument.ToJsonString()}";
            case "pattern":
                return value is not JsonValue text || !IsOf(text, "string") || Regex.IsMatch(text.GetValue<string>(), argument.GetValue<string>()) ? null : $"{path}: does not match {argument}";
            case "minimum":
                return value is not JsonValue number || !IsOf(number, "number") || number.GetValue<double>() >= argument.GetValue<double>() ? null : $"{path}: below {argument}";
            case "maxItems":
                return value is not JsonArray items || items.Count <= argument.GetValue<int>() ? null : $"{path}: too many items";
            case "items":
                return value is JsonArray array ? array.Select((item, i) => Validate(item, (JsonObject)argument, $"{path}/{i}")).FirstOrDefault(f => f is not null) : null;
            case "required":
                return value is JsonObject o ? ((JsonArray)argument).Select(r => r!.GetValue<string>()).Where(r => !o.ContainsKey(r)).Select(r => $"{path}: lacks {r}").FirstOrDefault() : null;
            case "properties":
                return value is JsonObject p ? ((JsonObject)argument).Where(s => p.ContainsKey(s.Key)).Select(s => Validate(p[s.Key], (JsonObject)s.Value!, $"{path}/{s.Key}")).FirstOrDefault(f => f is not null) : null;
            case "additionalProperties":
                if (value is not JsonObject other) return null;
                var extra = other.Where(e => schema["properties"] is not JsonObject known || !known.ContainsKey(e.Key));
                return argument is JsonObject rest
                    ? extra.Select(e => Validate(e.Value, rest, $"{path}/{e.Key}")).FirstOrDefault(f => f is not null)
                    : extra.Select(e => $"{path}: unknown key {e.Key}").FirstOrDefault();
            case "anyOf":
                var faults = ((JsonArray)argument).Select(s => Validate(value, (JsonObject)s!, path)).ToList();
                return faults.Contains(null) ? null : faults[0];
            case "allOf":
                return ((JsonArray)argument).Select(s => Validate(value, (JsonObject)s!, path)).FirstOrDefault(f => f is not null);
            case "not":
                return Validate(value, (JsonObject)argument, path) is null ? $"{path}: not allowed" : null;
            default:
                throw new InvalidOperationException($"the schema uses '{keyword}', which this validator does not know");
        }
    }

    private static bool IsOf(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == System.Text.Json.JsonValueKind.String,
        "boolean" => value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        "number" => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number,
        "integer" => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number && value.GetValue<double>() == Math.Floor(value.GetValue<double>()),
        _ => throw new InvalidOperationException($"type {type}"),
    };
}
