namespace VkNet;

/// <summary>
/// The caps that files from strangers are held to, as one set: <see cref="Limits.Use"/> puts it in force for the calls of one flow of
/// control, the properties of <see cref="Limits"/> for the whole process. The defaults are those of a program on a machine of its own; a
/// service lowers them.
/// </summary>
public sealed record LimitSet
{
    /// <summary>Most bytes that one tensor may occupy, whether read from a file or declared in a graph: 4 GiB.</summary>
    public long MaximumTensorBytes { get; init; } = 4L << 30;

    /// <summary>Most axes of a tensor in a file: 32.</summary>
    public int MaximumRank { get; init; } = 32;

    /// <summary>Most bytes of the JSON header of a safetensors file: 100 MB, the cap that the format's own library applies.</summary>
    public long MaximumSafetensorsHeaderBytes { get; init; } = 100_000_000;

    /// <summary>Most bytes of the header of an npy file: 64 KiB.</summary>
    public int MaximumNpyHeaderBytes { get; init; } = 64 << 10;

    /// <summary>Most members of an npz archive: 65,536.</summary>
    public int MaximumArchiveMembers { get; init; } = 65_536;

    /// <summary>Most bytes that one compressed member or file may unpack to: 4 GiB.</summary>
    public long MaximumDecompressedBytes { get; init; } = 4L << 30;

    /// <summary>Most bytes of a picture file: 256 MiB.</summary>
    public long MaximumPictureFileBytes { get; init; } = 256L << 20;

    /// <summary>Most pixels (width times height) of a picture: 2^27, 134 million.</summary>
    public long MaximumPicturePixels { get; init; } = 1L << 27;

    /// <summary>Most bytes of a graph file or a recipe: 64 MiB.</summary>
    public long MaximumTextFileBytes { get; init; } = 64L << 20;

    /// <summary>Deepest nesting of a YAML or JSON document: 64 levels.</summary>
    public int MaximumTextDepth { get; init; } = 64;

    /// <summary>Most aliases (<c>*name</c>) in a YAML document: 1,000.</summary>
    public int MaximumYamlAliases { get; init; } = 1_000;

    /// <summary>Most YAML nodes in a document, aliases counted with all that they stand for: 2 million.</summary>
    public int MaximumYamlNodes { get; init; } = 2_000_000;

    /// <summary>Most nodes of a graph after blocks and repeats are written out: 200,000.</summary>
    public int MaximumGraphNodes { get; init; } = 200_000;

    /// <summary>Most bytes of an ONNX file, external data not counted: 2,000,000,000, near the format's own cap of 2 GiB.</summary>
    public long MaximumModelFileBytes { get; init; } = 2_000_000_000;

    /// <summary>Most bytes of a plan file, which is read whole.</summary>
    public long MaximumPlanFileBytes { get; init; } = 2_000_000_000;

    /// <summary>Most messages (nodes, attributes, tensors, ...) in an ONNX file: 2 million.</summary>
    public int MaximumModelMessages { get; init; } = 2_000_000;

    /// <summary>Deepest nesting of messages in an ONNX file: 96, about 30 graphs inside one another.</summary>
    public int MaximumModelDepth { get; init; } = 96;

    /// <summary>Most bytes of the values of one attribute in an ONNX file, tensors not counted: 64 MiB.</summary>
    public long MaximumAttributeBytes { get; init; } = 64L << 20;

    /// <summary>Most kernels that one plan may have made: 16,384. Each is a pipeline of the driver, with memory that nobody counts.</summary>
    public int MaximumPipelines { get; init; } = 16_384;
}
