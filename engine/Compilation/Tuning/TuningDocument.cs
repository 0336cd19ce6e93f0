using System.Text.Json.Serialization;

namespace VkNet.Compilation;

/// <summary>A tuning table as its file holds it.</summary>
internal sealed record TuningDocument(string Device, SortedDictionary<string, string> Choices);

/// <summary>Serialisation without reflection, so that trimmed programs read tuning tables.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(TuningDocument))]
internal sealed partial class TuningJson : JsonSerializerContext;
