using System.Globalization;

namespace VkNet.Devices;

/// <summary>Reads and writes sizes such as 512MB. Units are powers of 1024, with or without the i: 1MB = 1MiB = 1,048,576 bytes.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Factor)[] Units =
        [("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("TIB", 1L << 40), ("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("TB", 1L << 40), ("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30), ("T", 1L << 40), ("B", 1)];

    /// <summary>Reads a size; false when the text is none, negative or over 2^62 bytes.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        var number = text.Trim().ToUpperInvariant();
        long factor = 1;
        foreach (var (unit, size) in Units)
        {
            if (!number.EndsWith(unit, StringComparison.Ordinal)) continue;
            (number, factor) = (number[..^unit.Length].TrimEnd(), size);
            break;
        }
        bytes = 0;
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
        var product = value * factor;
        if (!(product >= 0 && product <= 1L << 62)) return false;
        bytes = (long)product;
        return true;
    }

    /// <summary>Writes a size with at most one decimal: 1.5 MiB.</summary>
    public static string Format(long bytes)
    {
        if (bytes < 1024) return $"{bytes} bytes";
        var (value, unit) = bytes switch
        {
            < 1L << 20 => (bytes / 1024.0, "KiB"),
            < 1L << 30 => (bytes / (double)(1L << 20), "MiB"),
            < 1L << 40 => (bytes / (double)(1L << 30), "GiB"),
            _ => (bytes / (double)(1L << 40), "TiB"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {unit}");
    }
}
