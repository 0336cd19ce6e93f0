using VkNet.Formats;
using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Training;

/// <summary>Reads how a learning rate changes.</summary>
internal static class ScheduleReader
{
    internal static readonly Dictionary<string, string[]> Types = new(StringComparer.Ordinal)
    {
        ["constant"] = [],
        ["step"] = ["every", "at", "factor"],
        ["exponential"] = ["factor"],
        ["inverse_time"] = ["decay"],
        ["cosine"] = ["period", "period_factor", "minimum", "restart"],
        ["plateau"] = ["metric", "patience", "factor", "minimum"],
    };

    internal static readonly string[] CommonKeys = ["type", "warm_up", "unit"];

    internal static LearningRateSchedule Read(YamlReading reading, YamlNode node, long epochs, IReadOnlyList<KeyValuePair<string, Func<ObjectiveContext, Value>>> metrics)
    {
        var mapping = reading.Mapping(node, "schedule");
        var typeNode = reading.Require(mapping, "type", "schedule");
        var type = reading.Text(typeNode, "type");
        if (!Types.TryGetValue(type, out var keys)) throw reading.Fault(typeNode, "VKN1006", $"unknown schedule '{type}'", Suggestion.For(type, Types.Keys));
        reading.CheckKeys(mapping, $"the schedule {type}", [.. CommonKeys, .. keys]);
        LearningRateSchedule schedule = type switch
        {
            "step" => new StepSchedule(
                Find("at") is null ? Number(reading.Require(mapping, "every", "schedule"), "every", 0) : 1,
                Find("at") is { } at ? [.. reading.Sequence(at, "at").Select(t => reading.Real(t, "at"))] : [],
                Number(reading.Require(mapping, "factor", "schedule"), "factor", 0)),
            "exponential" => new ExponentialSchedule(Number(reading.Require(mapping, "factor", "schedule"), "factor", 0)),
            "inverse_time" => new InverseTimeSchedule(Number(reading.Require(mapping, "decay", "schedule"), "decay", 0)),
            "cosine" => new CosineSchedule(
                Find("period") is { } period ? Number(period, "period", 0) : epochs,
                Find("period_factor") is { } longer ? Number(longer, "period_factor", 0) : 1,
                Find("minimum") is { } least ? reading.Real(least, "minimum") : 0,
                Find("restart") is { } restart ? reading.Flag(restart, "restart") : Find("period") is not null),
            "plateau" => new PlateauSchedule(
                RecipeFile.ReadMetricName(reading, Find("metric"), metrics),
                (int)RecipeFile.Positive(reading, reading.Require(mapping, "patience", "schedule"), "patience"),
                Number(reading.Require(mapping, "factor", "schedule"), "factor", 0),
                Find("minimum") is { } floor ? reading.Real(floor, "minimum") : 0),
            _ => LearningRateSchedule.Constant,
        };
        var unit = Find("unit") is { } u ? reading.Text(u, "unit") : "epochs";
        if (unit is not ("epochs" or "steps")) throw reading.Fault(Find("unit")!, "VKN1006", $"'unit' cannot be '{unit}'", "one of: epochs, steps");
        return schedule with { InSteps = unit == "steps", WarmUp = Find("warm_up") is { } warm ? Number(warm, "warm_up", -1e-300) : 0 };

        YamlNode? Find(string key) => YamlReading.Find(mapping, key);

        double Number(YamlNode given, string key, double above)
        {
            var value = reading.Real(given, key);
            return value > above && double.IsFinite(value) ? value : throw reading.Fault(given, "VKN1203", $"'{key}' must be positive, not {YamlReading.Show(given)}");
        }
    }
}
