using System.Text.Json.Serialization;

namespace VkNet.Formats.Plans;

/// <summary>The header of a plan file: everything but the constants' bytes. Kernels and buffers are referred to by index.</summary>
internal sealed record PlanDocument
{
    public required string Graph { get; init; }

    public required Dictionary<string, string> Device { get; init; }

    public required List<KernelEntry> Kernels { get; init; }

    public required List<BufferEntry> Buffers { get; init; }

    public required SectionEntry Setup { get; init; }

    public required SectionEntry Main { get; init; }

    public required Dictionary<string, long[]> Arenas { get; init; }

    public required List<TensorEntry> Inputs { get; init; }

    public required List<TensorEntry> RunValues { get; init; }

    public required List<TensorEntry> States { get; init; }

    public required List<TensorEntry> Outputs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, int>? Extents { get; init; }

    public required Dictionary<string, DataEntry> BoundValues { get; init; }

    public required MemoryEntry Memory { get; init; }
}

/// <summary>A kernel variant by name, and the hash of the SPIR-V that the plan was made for.</summary>
internal sealed record KernelEntry(string Name, string Variant, string Hash);

/// <summary>A range of the bytes behind the header, as a tensor.</summary>
internal sealed record DataEntry(string Type, long[] Shape, long Offset);

/// <summary>A parameter to be loaded when the plan is.</summary>
internal sealed record ParameterEntry(string Name, string Type, long[] Shape, string Initializer, double Scale);

/// <summary>A buffer and its place, and the buffer whose memory it takes over in one call, or -1.</summary>
internal sealed record BufferEntry(string Name, string Kind, long Bytes, string? Block, int Arena, long Offset, int First, int Last, int Replaces)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataEntry? Data { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ParameterEntry? Parameter { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<PartEntry>? Parts { get; init; }
}

/// <summary>One of several tensors in a buffer.</summary>
internal sealed record PartEntry(long Offset, long Bytes)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataEntry? Data { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ParameterEntry? Parameter { get; init; }
}

/// <summary>Calls with their parameter bytes, in base 64.</summary>
internal sealed record SectionEntry(List<CallEntry> Calls, byte[] Parameters);

/// <summary>A call: of a kernel when <see cref="Kernel"/> is not negative, else a copy of two ranges or a fill of one.</summary>
internal sealed record CallEntry(string Node, List<string> Sources, int Kernel, List<long[]> Ranges, bool Barrier, double Flops, double Bytes)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<uint[]>? Constants { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int ParameterOffset { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint[]? Groups { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Pattern { get; init; }
}

/// <summary>A named tensor in a buffer.</summary>
internal sealed record TensorEntry(string Name, int Buffer, long Offset, string Type, long[] Shape, string Layout);

/// <summary>The memory report.</summary>
internal sealed record MemoryEntry(long Planned, long LowerBound, long NoReuse, long Weights, long States, string Planner);

/// <summary>Serialisation without reflection, so that trimmed programs can load plans.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, MaxDepth = 16, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PlanDocument))]
internal sealed partial class PlanJson : JsonSerializerContext;
