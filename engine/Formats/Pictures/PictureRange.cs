using System.Globalization;

namespace VkNet.Formats;

/// <summary>Which values of a tensor become black and white when it is written as a picture; what lies outside is clamped.</summary>
/// <param name="Low">Becomes 0.</param>
/// <param name="High">Becomes the largest sample.</param>
public readonly record struct PictureRange(float Low, float High)
{
    /// <summary>0 to 1: the default.</summary>
    public static PictureRange Unit { get; } = new(0, 1);

    /// <summary>0 to 255.</summary>
    public static PictureRange Byte { get; } = new(0, 255);

    /// <summary>-0.5 to 0.5: differences, such as the bands of a pyramid, with zero as middle grey.</summary>
    public static PictureRange Symmetric { get; } = new(-0.5f, 0.5f);

    /// <summary>Parses <c>unit</c>, <c>byte</c>, <c>symmetric</c> or <c>LOW..HIGH</c>.</summary>
    /// <exception cref="VkNetException">VKN6510: none of these, or LOW is not below HIGH.</exception>
    public static PictureRange Parse(string text)
    {
        switch (text.Trim().ToLowerInvariant())
        {
            case "unit": return Unit;
            case "byte": return Byte;
            case "symmetric": return Symmetric;
        }
        var parts = text.Split("..");
        if (parts.Length == 2 && Number(parts[0]) is { } low && Number(parts[1]) is { } high && low < high) return new PictureRange(low, high);
        throw new VkNetException("VKN6510", $"picture values: '{text}' is no range", "write unit, byte, symmetric, or two numbers: -1..1");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Low}..{High}");

    private static float? Number(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number) ? number : null;
}
