using System.Text.Json.Serialization;

namespace VkNet.Compilation;

/// <summary>A tuning table as its file holds it.</summary>
/// <param name="Device">The fingerprint of the device that was measured.</param>
/// <param name="Kernels">A hash of the kernels that were compared; null in files from before it was written.</param>
/// <param name="Choices">The variants found.</param>
internal sealed record TuningDocument(string Device, string? Kernels, SortedDictionary<string, string> Choices);

/// <summary>Serialisation without reflection, so that trimmed programs read tuning tables.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(TuningDocument))]
internal sealed partial class TuningJson : JsonSerializerContext;
