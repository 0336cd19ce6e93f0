namespace VkNet.Compilation;

/// <summary>A byte range of a virtual buffer.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Bytes">Length.</param>
public readonly record struct TensorSlice(VirtualBuffer Buffer, long Offset, long Bytes)
{
    /// <summary>When only some texels of every position are meant: which.</summary>
    public ChannelPart? Part { get; init; }
}
