namespace VkNet.Compilation;

/// <summary>The texels that a part of a channels-last tensor's channels takes in every position. A texel is four channels, 16 bytes.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Pitch">Texels from one position to the next.</param>
public sealed record ChannelPart(int First, int Pitch)
{
    /// <summary>How many there are.</summary>
    public int Count { get; init; }

    /// <summary>Whether a texel, counted from the tensor's beginning, belongs to the part.</summary>
    internal bool Contains(long texel) => texel % Pitch is var place && place >= First && place < First + Count;

    /// <summary>Whether two parts of one tensor share no texel.</summary>
    internal bool IsDisjointFrom(ChannelPart other) => Pitch == other.Pitch && (First + Count <= other.First || other.First + other.Count <= First);
}
