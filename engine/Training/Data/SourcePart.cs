using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Some examples of another source: a split, a fold, or the first few.</summary>
/// <param name="source">The whole.</param>
/// <param name="examples">Numbers of the examples taken, in order.</param>
public sealed class SourcePart(IDataSource source, long[] examples) : IDataSource
{
    /// <inheritdoc/>
    public long Count => examples.Length;

    /// <inheritdoc/>
    public IReadOnlyList<DataColumn> Columns => source.Columns;

    /// <inheritdoc/>
    public bool IsSequence => source.IsSequence;

    /// <inheritdoc/>
    public IReadOnlyList<string> Vocabulary => source.Vocabulary;

    /// <inheritdoc/>
    public void Read(int column, ReadOnlySpan<long> numbers, Tensor batch)
    {
        Span<long> translated = numbers.Length <= 512 ? stackalloc long[numbers.Length] : new long[numbers.Length];
        for (var i = 0; i < numbers.Length; i++) translated[i] = examples[numbers[i]];
        source.Read(column, translated, batch);
    }

    /// <summary>The examples from one place on, in the source's order.</summary>
    public static SourcePart Range(IDataSource source, long start, long count)
    {
        var examples = new long[count];
        for (var i = 0L; i < count; i++) examples[i] = start + i;
        return new SourcePart(source, examples);
    }

    /// <summary>
    /// Splits a source at random: the examples are shuffled once by the seed, then cut. A sequence is cut without shuffling, its last
    /// parts last.
    /// </summary>
    /// <param name="source">The whole.</param>
    /// <param name="shares">Shares of the parts after the first; the first takes the rest.</param>
    /// <param name="seed">Chooses the order.</param>
    /// <returns>The rest, then a part for each share.</returns>
    /// <exception cref="VkNetException">VKN5114: the shares leave a part without examples.</exception>
    public static IReadOnlyList<IDataSource> Split(IDataSource source, IReadOnlyList<double> shares, ulong seed)
    {
        var order = Order(source, seed);
        var counts = shares.Select(s => (long)Math.Round(s * source.Count)).ToList();
        var rest = source.Count - counts.Sum();
        if (rest <= 0 || counts.Any(c => c <= 0) || shares.Any(s => !(s > 0 && s < 1)))
            throw new VkNetException("VKN5114", $"{source.Count} examples cannot be split into shares of {string.Join(", ", shares.Select(s => s.ToString(System.Globalization.CultureInfo.InvariantCulture)))} and the rest", "shares lie between 0 and 1, and every part needs an example");
        var parts = new List<IDataSource> { new SourcePart(source, order[..(int)rest]) };
        var start = rest;
        foreach (var count in counts)
        {
            parts.Add(new SourcePart(source, order[(int)start..(int)(start + count)]));
            start += count;
        }
        return parts;
    }

    /// <summary>One of k equal folds as validation, the others as training (k-fold cross-validation).</summary>
    /// <param name="source">The whole.</param>
    /// <param name="folds">k.</param>
    /// <param name="fold">Which fold is held out, from 0.</param>
    /// <param name="seed">Chooses the order.</param>
    /// <exception cref="VkNetException">VKN5114: no such fold, or more folds than examples.</exception>
    public static (IDataSource Train, IDataSource Validation) Fold(IDataSource source, int folds, int fold, ulong seed)
    {
        if (folds < 2 || folds > source.Count || fold < 0 || fold >= folds)
            throw new VkNetException("VKN5114", $"there is no fold {fold} of {folds} over {source.Count} examples", "folds are counted from 0; there are at least 2 and at most one per example");
        var order = Order(source, seed);
        var (start, end) = (source.Count * fold / folds, source.Count * (fold + 1) / folds);
        return (new SourcePart(source, [.. order[..(int)start], .. order[(int)end..]]), new SourcePart(source, order[(int)start..(int)end]));
    }

    private static long[] Order(IDataSource source, ulong seed)
    {
        var order = new long[source.Count];
        for (var i = 0L; i < order.Length; i++) order[i] = i;
        if (!source.IsSequence) new PhiloxRandom(seed, PhiloxRandom.StreamOf("split")).Shuffle<long>(order);
        return order;
    }
}
