using System.Globalization;

namespace VkNet.Graphs;

/// <summary>One axis of a declared input: a size, or a symbol bound when compiling.</summary>
/// <param name="Size">The size, or null when it is a symbol.</param>
/// <param name="Symbol">The symbol, or null when it is a size.</param>
public readonly record struct Dimension(long? Size, string? Symbol)
{
    /// <summary>A fixed size.</summary>
    public static implicit operator Dimension(long size) => new(size, null);

    /// <summary>A symbol.</summary>
    public static implicit operator Dimension(string symbol) => new(null, symbol);

    /// <inheritdoc/>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}
