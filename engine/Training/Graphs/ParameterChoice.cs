using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Finds the parameters that patterns name.</summary>
internal static class ParameterChoice
{
    /// <summary>Whether a name fits a pattern in which <c>*</c> stands for any characters.</summary>
    internal static bool Fits(string name, string pattern)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1) return name == pattern;
        if (!name.StartsWith(parts[0], StringComparison.Ordinal)) return false;
        var place = parts[0].Length;
        for (var i = 1; i < parts.Length - 1; i++)
        {
            var found = name.IndexOf(parts[i], place, StringComparison.Ordinal);
            if (found < 0) return false;
            place = found + parts[i].Length;
        }
        return name.Length - place >= parts[^1].Length && name.EndsWith(parts[^1], StringComparison.Ordinal);
    }

    /// <summary>The parameters that the patterns name, in the model's order.</summary>
    /// <exception cref="VkNetException">VKN5010: a pattern names nothing; VKN5011: nothing is left to train.</exception>
    internal static List<Value> Trained(IReadOnlyList<Value> parameters, IReadOnlyList<string> patterns)
    {
        foreach (var pattern in patterns)
            if (pattern != "*" && !parameters.Any(p => Fits(p.Name, pattern)))
                throw new VkNetException("VKN5010", $"'wrt' names '{pattern}', but the model has no such parameter", Suggestion.For(pattern, parameters.Select(p => p.Name)));
        var chosen = parameters.Where(p => p.DataType.IsFloat() && patterns.Any(n => n == p.Name || (p.Parameter is not { Frozen: true } && Fits(p.Name, n)))).ToList();
        if (chosen.Count == 0)
            throw new VkNetException("VKN5011", "there is no parameter to train", parameters.Count == 0 ? "the model has none" : "all are frozen, or none fits 'wrt'");
        return chosen;
    }
}
