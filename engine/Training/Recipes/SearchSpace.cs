using System.Globalization;
using VkNet.Formats;
using VkNet.Tensors;
using YamlDotNet.RepresentationModel;

namespace VkNet.Training;

/// <summary>
/// Values to try for keys of a recipe: lists (<c>batch: [32, 64]</c>) make a grid; ranges (<c>optimizer.lr: {log_uniform: [1e-4, 1e-1]}</c>,
/// <c>uniform</c>, <c>choice</c>) are drawn from, log-uniformly for what counts in orders of magnitude (Bergstra and Bengio, 2012).
/// </summary>
public sealed class SearchSpace
{
    private readonly List<(string Key, string Kind, string[] Values)> _axes;

    private SearchSpace(List<(string Key, string Kind, string[] Values)> axes) => _axes = axes;

    /// <summary>The keys that are varied.</summary>
    public IReadOnlyList<string> Keys => [.. _axes.Select(a => a.Key)];

    /// <summary>Whether all combinations of listed values are tried; else values are drawn.</summary>
    public bool IsGrid => _axes.TrueForAll(a => a.Kind == "list");

    /// <summary>Loads a space from a YAML file.</summary>
    /// <exception cref="VkNetException">VKN1xxx: the text is wrong.</exception>
    public static SearchSpace Load(string path) => Read(YamlText.Load(path));

    /// <summary>Parses the text of a space.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="name">The name that diagnostics give to it.</param>
    public static SearchSpace Parse(string text, string name = "space") => Read(YamlText.Parse(name, text));

    /// <summary>The settings to try, each as keys and values for <see cref="RecipeOptions.Overrides"/>.</summary>
    /// <param name="trials">How many are drawn; of a grid, at most so many, in order; null for all of a grid, or 20.</param>
    /// <param name="seed">Chooses the values drawn.</param>
    public IEnumerable<IReadOnlyList<KeyValuePair<string, string>>> Trials(int? trials, ulong seed)
    {
        if (IsGrid)
        {
            var count = _axes.Aggregate(1L, (product, axis) => Math.Min(int.MaxValue, product * axis.Values.Length));
            for (var i = 0L; i < Math.Min(count, trials ?? count); i++)
            {
                var rest = i;
                var settings = new KeyValuePair<string, string>[_axes.Count];
                for (var a = _axes.Count - 1; a >= 0; a--)
                {
                    settings[a] = new(_axes[a].Key, _axes[a].Values[rest % _axes[a].Values.Length]);
                    rest /= _axes[a].Values.Length;
                }
                yield return settings;
            }
            yield break;
        }
        for (var i = 0; i < (trials ?? 20); i++)
        {
            var random = new PhiloxRandom(seed, (ulong)i);
            yield return [.. _axes.Select(a => new KeyValuePair<string, string>(a.Key, Draw(a.Kind, a.Values, random)))];
        }
    }

    private static string Draw(string kind, string[] values, PhiloxRandom random)
    {
        if (kind is "list" or "choice") return values[random.NextInteger(values.Length)];
        var (low, high) = (double.Parse(values[0], CultureInfo.InvariantCulture), double.Parse(values[1], CultureInfo.InvariantCulture));
        var share = random.NextUniform();
        return (kind == "uniform" ? low + (high - low) * share : low * Math.Pow(high / low, share)).ToString("G6", CultureInfo.InvariantCulture);
    }

    private static SearchSpace Read(YamlText text)
    {
        var reading = new YamlReading(text, new Dictionary<string, YamlNode>(), new Dictionary<string, long>());
        var axes = new List<(string, string, string[])>();
        foreach (var (key, _, value) in reading.Entries(text.Root, "the space"))
        {
            if (reading.Resolve(value) is YamlMappingNode mapping)
            {
                reading.CheckKeys(mapping, $"'{key}'", ["log_uniform", "uniform", "choice"]);
                if (mapping.Children.Count != 1) throw reading.Fault(mapping, "VKN1006", $"'{key}' wants one of log_uniform, uniform, choice");
                var (kindNode, given) = mapping.Children.First();
                var kind = reading.Text(kindNode, key);
                var values = reading.Sequence(given, kind).Select(YamlReading.Show).ToArray();
                if (kind != "choice")
                {
                    var ends = reading.Sequence(given, kind).Select(n => reading.Real(n, kind)).ToArray();
                    if (ends.Length != 2 || !ends.All(double.IsFinite) || !(ends[0] < ends[1]) || (kind == "log_uniform" && !(ends[0] > 0)))
                        throw reading.Fault(given, "VKN1006", $"'{kind}' wants two numbers, the smaller first{(kind == "log_uniform" ? ", both positive" : "")}");
                    values = [.. ends.Select(e => e.ToString("R", CultureInfo.InvariantCulture))];
                }
                if (values.Length == 0) throw reading.Fault(given, "VKN1006", $"'{key}' has no values");
                axes.Add((key, kind, values));
                continue;
            }
            var list = reading.Sequence(value, key).Select(YamlReading.Show).ToArray();
            if (list.Length == 0) throw reading.Fault(value, "VKN1006", $"'{key}' has no values");
            axes.Add((key, "list", list));
        }
        if (axes.Count == 0) throw reading.Fault(text.Root, "VKN1005", "the space is empty", "write KEY: [VALUE, VALUE] or KEY: {log_uniform: [LOW, HIGH]}");
        return new SearchSpace(axes);
    }
}
