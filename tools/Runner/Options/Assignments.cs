using System.Globalization;

namespace VkNet.Runner.Options;

/// <summary>Reads repeated <c>name=value</c> options.</summary>
internal static class Assignments
{
    /// <summary>Splits each at the first equals sign.</summary>
    /// <exception cref="VkNetException">VKN7002: no equals sign, or a name given twice.</exception>
    internal static Dictionary<string, string> Split(string option, IEnumerable<string>? values)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in values ?? [])
        {
            var split = value.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == value.Length - 1) throw new VkNetException("VKN7002", $"{option} wants NAME=VALUE, not '{value}'");
            if (!result.TryAdd(value[..split], value[(split + 1)..])) throw new VkNetException("VKN7002", $"{option} names '{value[..split]}' twice");
        }
        return result;
    }

    /// <summary>Reads sizes: <c>N=8</c>; several may stand in one, <c>N=8,H=224</c>.</summary>
    internal static Dictionary<string, long> Sizes(string option, IEnumerable<string>? values) =>
        Split(option, values?.SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries))).ToDictionary(
            p => p.Key,
            p => long.TryParse(p.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw new VkNetException("VKN7002", $"{option} {p.Key}: '{p.Value}' is no size"),
            StringComparer.Ordinal);
}
