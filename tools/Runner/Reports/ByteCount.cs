using System.Globalization;

namespace VkNet.Runner.Reports;

/// <summary>Formats byte counts for people, and reads theirs.</summary>
internal static class ByteCount
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Parses 512MB, 1.5GiB, 4096: units in powers of 1024, as memory is sold.</summary>
    /// <exception cref="VkNetException">VKN7032: it is no size.</exception>
    internal static long Parse(string option, string text)
    {
        var number = text.TrimEnd();
        var power = 0;
        if (number.EndsWith("iB", StringComparison.OrdinalIgnoreCase)) number = number[..^2];
        else if (number.EndsWith('B') || number.EndsWith('b')) number = number[..^1];
        if (number.Length > 0 && "KMGT".IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal) is var unit and >= 0) (number, power) = (number[..^1], unit + 1);
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * Math.Pow(1024, power) is > 0 and < 9e18 and var bytes) return (long)bytes;
        throw new VkNetException("VKN7032", $"'{text}' given for {option} is no size", "write a number with a unit: 512MB, 1.5GB, 65536");
    }

    internal static string Format(double bytes)
    {
        var unit = 0;
        while (bytes >= 1024 && unit < Units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.##} {Units[unit]}");
    }
}
