using System.Diagnostics.CodeAnalysis;

namespace VkNet.Graphs;

/// <summary>
/// Something for each value or node of a graph, by its number. Numbers are given in order of creation, so what stands side by side in a graph
/// stands side by side here, and a pass over a graph larger than the processor's caches reads its tables in order; a hash table's places are all
/// over memory. The pages are small: one large array in every pass would be collected with the oldest objects only.
/// </summary>
internal sealed class NumberTable<T>
{
    private const int PageBits = 7;
    private const int PageMask = (1 << PageBits) - 1;

    private T?[]?[] _pages = [];
    private int _firstPage;

    /// <summary>What is known for a number; the type's default where nothing was set.</summary>
    internal T? this[int number]
    {
        get => (uint)((number >> PageBits) - _firstPage) is var index && index < (uint)_pages.Length && _pages[index] is { } page ? page[number & PageMask] : default;
        set => At(number) = value;
    }

    /// <summary>The place of a number, to be read and written.</summary>
    internal ref T? At(int number)
    {
        var index = (number >> PageBits) - _firstPage;
        if ((uint)index >= (uint)_pages.Length) index = Extend(number >> PageBits);
        return ref (_pages[index] ??= new T?[1 << PageBits])[number & PageMask];
    }

    /// <summary>Finds what was set for a number.</summary>
    internal bool TryGet(int number, [NotNullWhen(true)] out T? value) => (value = this[number]) is not null;

    // Grows at either end, at least twofold, so that numbers in any order are cheap.
    private int Extend(int page)
    {
        if (_pages.Length == 0) (_firstPage, _pages) = (page, new T?[4][]);
        else
        {
            var (first, end) = (Math.Min(page, _firstPage), Math.Max(page + 1, _firstPage + _pages.Length));
            if (first < _firstPage) first = Math.Min(first, _firstPage - _pages.Length);
            else end = Math.Max(end, _firstPage + 2 * _pages.Length);
            var grown = new T?[end - first][];
            _pages.CopyTo(grown, _firstPage - first);
            (_firstPage, _pages) = (first, grown);
        }
        return page - _firstPage;
    }
}
