using System.Globalization;
using System.Text;
using System.Text.Json;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Everything that a training needs to go on to the bit: every carried tensor (weights, what optimizers carry, running statistics,
/// recurrent state), how far it is, the figures it has gathered, and the recipe. All random numbers are functions of the seed and of how
/// far it is. One safetensors file, replaced in one step: a reader sees the old one or the new one.
/// </summary>
public sealed class Checkpoint
{
    /// <summary>Begins the names of the best snapshot's tensors.</summary>
    internal const string BestPrefix = "best/";

    private const string Key = "vknet.training";
    private const int Version = 1;

    /// <summary>The tensors by name.</summary>
    public required IReadOnlyDictionary<string, Tensor> Tensors { get; init; }

    /// <summary>Iterations done.</summary>
    public required long Iteration { get; init; }

    /// <summary>The text of the recipe.</summary>
    public required string RecipeText { get; init; }

    /// <summary>The kernels with their variants that the plans use; others may round otherwise.</summary>
    public required IReadOnlyList<string> Kernels { get; init; }

    /// <summary>Steps done by each plan.</summary>
    internal IReadOnlyList<long> PlanSteps { get; init; } = [];

    /// <summary>Figures gathered, in the trainer's order.</summary>
    internal IReadOnlyList<double> Counters { get; init; } = [];

    /// <summary>Writes the checkpoint.</summary>
    /// <exception cref="VkNetException">VKN6003: it cannot be written; an older one stays as it was.</exception>
    public void Save(string path) => SafetensorsFile.Save(path, Tensors, new Dictionary<string, string> { ["format"] = "vknet", [Key] = Describe() });

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="VkNetException">VKN5030: the file is no checkpoint, or of another version; VKN6xxx: it cannot be read.</exception>
    public static Checkpoint Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(Key, out var text))
            throw new VkNetException("VKN5030", "the file holds weights, but is no checkpoint of a training", "resume from checkpoint.safetensors in the training's output folder; to begin from weights, name them under 'weights' in the recipe", new SourceLocation(path));
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.GetProperty("version").GetInt32() != Version) throw new VkNetException("VKN5030", $"the checkpoint is of version {root.GetProperty("version")}, but this release reads version {Version}", "finish the training with the release that began it", new SourceLocation(path));
            return new Checkpoint
            {
                Tensors = file.Entries.Keys.ToDictionary(n => n, file.Read, StringComparer.Ordinal),
                Iteration = root.GetProperty("iteration").GetInt64(),
                RecipeText = root.GetProperty("recipe").GetString() ?? "",
                Kernels = [.. root.GetProperty("kernels").EnumerateArray().Select(k => k.GetString() ?? "")],
                PlanSteps = [.. root.GetProperty("planSteps").EnumerateArray().Select(s => s.GetInt64())],
                // Numbers that are not finite have no spelling in JSON; all of them are written as text that reads back to the bit.
                Counters = [.. root.GetProperty("counters").EnumerateArray().Select(c => double.Parse(c.GetString() ?? "", CultureInfo.InvariantCulture))],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new VkNetException("VKN5030", $"the checkpoint's description is damaged: {e.Message}", null, new SourceLocation(path), inner: e);
        }
    }

    private string Describe()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteNumber("iteration", Iteration);
            json.WriteStartArray("planSteps");
            foreach (var steps in PlanSteps) json.WriteNumberValue(steps);
            json.WriteEndArray();
            json.WriteStartArray("counters");
            foreach (var counter in Counters) json.WriteStringValue(counter.ToString("R", CultureInfo.InvariantCulture));
            json.WriteEndArray();
            json.WriteStartArray("kernels");
            foreach (var kernel in Kernels) json.WriteStringValue(kernel);
            json.WriteEndArray();
            json.WriteString("recipe", RecipeText);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
