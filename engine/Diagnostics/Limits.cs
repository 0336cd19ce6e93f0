namespace VkNet;

/// <summary>
/// The caps that files from strangers are held to, in one place. Every reader compares what a file declares with these
/// and with the file's own length before it allocates. A program that trusts its files may raise them at start-up;
/// they are read at each use and are not meant to change while files are being read.
/// </summary>
public static class Limits
{
    /// <summary>Most bytes that one tensor may occupy, whether read from a file or declared in a graph: 4 GiB.</summary>
    public static long MaximumTensorBytes { get; set; } = 4L << 30;

    /// <summary>Most axes of a tensor in a file: 32.</summary>
    public static int MaximumRank { get; set; } = 32;

    /// <summary>Most bytes of the JSON header of a safetensors file: 100 MB, the cap that the format's own library applies.</summary>
    public static long MaximumSafetensorsHeaderBytes { get; set; } = 100_000_000;

    /// <summary>Most bytes of the header of an npy file: 64 KiB.</summary>
    public static int MaximumNpyHeaderBytes { get; set; } = 64 << 10;

    /// <summary>Most members of an npz archive: 65,536.</summary>
    public static int MaximumArchiveMembers { get; set; } = 65_536;

    /// <summary>Most bytes that one compressed member or file may unpack to: 4 GiB.</summary>
    public static long MaximumDecompressedBytes { get; set; } = 4L << 30;

    /// <summary>Most bytes of a picture file: 256 MiB.</summary>
    public static long MaximumPictureFileBytes { get; set; } = 256L << 20;

    /// <summary>Most pixels (width times height) of a picture: 2^27, 134 million.</summary>
    public static long MaximumPicturePixels { get; set; } = 1L << 27;

    /// <summary>Most bytes of a graph file or a recipe: 64 MiB.</summary>
    public static long MaximumTextFileBytes { get; set; } = 64L << 20;

    /// <summary>Deepest nesting of a YAML or JSON document: 64 levels.</summary>
    public static int MaximumTextDepth { get; set; } = 64;

    /// <summary>Most aliases (<c>*name</c>) in a YAML document: 1,000.</summary>
    public static int MaximumYamlAliases { get; set; } = 1_000;

    /// <summary>Most YAML nodes in a document, aliases counted with all that they stand for: 2 million.</summary>
    public static int MaximumYamlNodes { get; set; } = 2_000_000;

    /// <summary>Most nodes of a graph after blocks and repeats are written out: 200,000.</summary>
    public static int MaximumGraphNodes { get; set; } = 200_000;

    /// <summary>Most bytes of an ONNX file, external data not counted: 2,000,000,000, near the format's own cap of 2 GiB.</summary>
    public static long MaximumModelFileBytes { get; set; } = 2_000_000_000;

    /// <summary>Most bytes of a plan file, which is read whole.</summary>
    public static long MaximumPlanFileBytes { get; set; } = 2_000_000_000;

    /// <summary>Most messages (nodes, attributes, tensors, ...) in an ONNX file: 2 million.</summary>
    public static int MaximumModelMessages { get; set; } = 2_000_000;

    /// <summary>Deepest nesting of messages in an ONNX file: 96, about 30 graphs inside one another.</summary>
    public static int MaximumModelDepth { get; set; } = 96;
}
