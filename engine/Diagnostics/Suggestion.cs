namespace VkNet;

/// <summary>Finds the nearest known name to a misspelt one, for "did you mean" lines.</summary>
public static class Suggestion
{
    /// <summary>Returns <c>did you mean 'x'?</c> for the nearest candidate within a third of the name's length, else a list of the known names (at most twelve).</summary>
    public static string For(string name, IEnumerable<string> candidates)
    {
        var known = candidates.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (Nearest(name, known) is { } nearest) return $"did you mean '{nearest}'?";
        if (known.Count == 0) return "there are none";
        var shown = string.Join(", ", known.Take(12));
        return known.Count > 12 ? $"known: {shown}, ... ({known.Count} in all)" : $"known: {shown}";
    }

    /// <summary>The candidate with the smallest edit distance to <paramref name="name"/>, or null when none is near.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        var limit = Math.Max(1, name.Length / 3);
        return candidates
            .Select(c => (Name: c, Distance: EditDistance(name.ToLowerInvariant(), c.ToLowerInvariant())))
            .Where(c => c.Distance <= limit)
            .OrderBy(c => c.Distance)
            .Select(c => c.Name)
            .FirstOrDefault();
    }

    // Damerau's restricted edit distance: insertions, deletions, substitutions and swaps of neighbours cost 1.
    private static int EditDistance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        for (var j = 1; j <= b.Length; j++)
        {
            var best = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = Math.Min(best, table[i - 2, j - 2] + 1);
            table[i, j] = best;
        }
        return table[a.Length, b.Length];
    }
}
