using VkNet.Graphs;

namespace VkNet.Operators.Pooling;

/// <summary>Attributes that poolings share, besides those of every window.</summary>
internal static class PoolAttributes
{
    /// <summary>Whether the last window may hang over.</summary>
    public static AttributeDefinition<bool> CeilMode { get; } = new("ceil_mode", "Whether a last window that hangs over the padded end counts, as long as it begins inside the input or the padding before it.", false);

    /// <summary>What an average divides by.</summary>
    public static AttributeDefinition<bool> CountIncludePad { get; } = new("count_include_pad", "Whether averages count the padding's zeros.", false);

    /// <summary>Sizes of an adaptive pooling's output.</summary>
    public static AttributeDefinition<long[]?> OutputSize { get; } = new("output_size", "Size of the output along each spatial axis; windows are chosen to share the input out evenly.") { Minimum = 1, ScalarAllowed = true };
}
