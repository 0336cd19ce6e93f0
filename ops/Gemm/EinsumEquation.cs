using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <summary>
/// A parsed equation of Einstein's summation. Axes are named by numbers: letters by their code, the axes of an ellipsis by -1 for the last,
/// -2 for the one before it, and so on.
/// </summary>
/// <param name="Terms">Axis names of each operand.</param>
/// <param name="Result">Axis names of the result.</param>
/// <param name="Sizes">Size of every axis; operands may have 1 instead, and are repeated then.</param>
internal sealed record EinsumEquation(IReadOnlyList<int[]> Terms, int[] Result, IReadOnlyDictionary<int, long> Sizes)
{
    /// <summary>Shape of the result.</summary>
    internal Shape Shape => new([.. Result.Select(axis => Sizes[axis])]);

    /// <summary>Parses an equation for operands of given shapes.</summary>
    /// <param name="equation">Terms separated by commas, then perhaps an arrow and the result; without it, letters that occur once, in alphabetical order.</param>
    /// <param name="shapes">Shapes of the operands.</param>
    /// <param name="refuse">Told what is wrong; does not return.</param>
    internal static EinsumEquation Parse(string equation, IReadOnlyList<Shape> shapes, Action<string> refuse)
    {
        var text = string.Concat(equation.Where(c => !char.IsWhiteSpace(c)));
        var sides = text.Split("->");
        if (sides.Length > 2) refuse($"'{equation}' has more than one arrow");
        var terms = sides[0].Split(',');
        if (terms.Length != shapes.Count) refuse($"'{equation}' speaks of {terms.Length} operands, but {shapes.Count} are given");
        var names = terms.Select((term, i) => Names(term, shapes[i].Rank, equation, refuse)).ToList();
        var sizes = new Dictionary<int, long>();
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length != shapes[i].Rank) refuse($"the term '{terms[i]}' names {names[i].Length} axes, but its operand has shape {shapes[i]}");
            for (var axis = 0; axis < names[i].Length; axis++)
            {
                var (name, size) = (names[i][axis], shapes[i][axis]);
                if (sizes.TryGetValue(name, out var known) && known != size && known != 1 && size != 1)
                    refuse($"axis {(name < 0 ? "of the ellipsis" : $"'{(char)name}'")} has size {known} and size {size}");
                sizes[name] = sizes.TryGetValue(name, out known) && known != 1 ? known : size;
            }
        }
        return new EinsumEquation(names, sides.Length == 2 ? ResultNames(sides[1], sizes, equation, refuse) : Implicit(names, sizes), sizes);
    }

    private static int[] Implicit(List<int[]> terms, Dictionary<int, long> sizes)
    {
        var once = terms.SelectMany(t => t).Where(name => name > 0).GroupBy(name => name).Where(g => g.Count() == 1).Select(g => g.Key).Order();
        return [.. sizes.Keys.Where(name => name < 0).Order(), .. once];
    }

    private static int[] ResultNames(string term, Dictionary<int, long> sizes, string equation, Action<string> refuse)
    {
        var hidden = sizes.Keys.Count(name => name < 0);
        var names = Names(term, term.Count(char.IsLetter) + hidden, equation, refuse);
        if (names.Distinct().Count() != names.Length) refuse($"the result of '{equation}' names an axis twice");
        foreach (var name in names)
            if (!sizes.ContainsKey(name)) refuse($"the result of '{equation}' names the axis '{(char)name}', which no operand has");
        return names;
    }

    private static int[] Names(string term, int rank, string equation, Action<string> refuse)
    {
        var names = new List<int>();
        var letters = term.Count(char.IsLetter);
        for (var i = 0; i < term.Length; i++)
        {
            if (char.IsAsciiLetter(term[i])) names.Add(term[i]);
            else if (term.AsSpan(i).StartsWith("...") && term.IndexOf("...", StringComparison.Ordinal) == i)
            {
                for (var hidden = rank - letters; hidden > 0; hidden--) names.Add(-hidden);
                i += 2;
            }
            else refuse($"'{term[i]}' in '{equation}' is no letter, comma, arrow or ellipsis");
        }
        return [.. names];
    }
}
