namespace VkNet.Compilation;

/// <summary>A list of numbers for each of many things, all in one array: thousands of short lists that cost two allocations.</summary>
internal sealed class IntLists
{
    private readonly int[] _starts;
    private readonly int[] _items;

    private IntLists(int[] starts, int[] items) => (_starts, _items) = (starts, items);

    /// <summary>Number of all items.</summary>
    internal int ItemCount => _items.Length;

    /// <summary>The list of thing <paramref name="index"/>.</summary>
    internal ReadOnlySpan<int> this[int index] => _items.AsSpan(_starts[index].._starts[index + 1]);

    /// <summary>Makes the lists from pairs, which keep their order.</summary>
    /// <param name="count">Number of things.</param>
    /// <param name="pairs">A thing and an item of its list.</param>
    internal static IntLists Of(int count, List<(int Thing, int Item)> pairs)
    {
        var starts = new int[count + 1];
        foreach (var (thing, _) in pairs) starts[thing + 1]++;
        for (var i = 0; i < count; i++) starts[i + 1] += starts[i];
        var (items, next) = (new int[pairs.Count], starts[..count]);
        foreach (var (thing, item) in pairs) items[next[thing]++] = item;
        return new IntLists(starts, items);
    }

    /// <summary>The lists that say of each item whose it is.</summary>
    /// <param name="count">Number of items' own lists.</param>
    internal IntLists Inverse(int count)
    {
        var pairs = new List<(int, int)>(_items.Length);
        for (var i = 0; i + 1 < _starts.Length; i++)
            foreach (var item in this[i]) pairs.Add((item, i));
        return Of(count, pairs);
    }
}
