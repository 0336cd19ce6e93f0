namespace VkNet.Compilation;

/// <summary>The free stretches of an arena that grows as needed: pieces are taken from the smallest that holds them.</summary>
internal sealed class GapList
{
    private readonly SortedSet<(long Bytes, long Start)> _bySize = [];
    private readonly Dictionary<long, long> _endOf = [];
    private readonly Dictionary<long, long> _startOf = [];
    private long _top;

    /// <summary>The most bytes that were in use at once, gaps between them included.</summary>
    internal long Size { get; private set; }

    /// <summary>Takes a piece; null where the arena would grow beyond the limit.</summary>
    internal long? Take(long bytes, long limit)
    {
        // The least of an empty view is (0, 0).
        var (gap, start) = _bySize.GetViewBetween((bytes, 0), (long.MaxValue, 0)).Min;
        if (gap >= bytes)
        {
            var end = Remove(start);
            if (start + bytes < end) Add(start + bytes, end);
            return start;
        }
        if (_top > limit - bytes) return null;
        var top = _top;
        _top += bytes;
        Size = Math.Max(Size, _top);
        return top;
    }

    /// <summary>Gives a piece back.</summary>
    internal void Free(long start, long bytes)
    {
        var end = start + bytes;
        if (_startOf.TryGetValue(start, out var before))
        {
            Remove(before);
            start = before;
        }
        if (_endOf.ContainsKey(end)) end = Remove(end);
        if (end == _top) _top = start;
        else Add(start, end);
    }

    private void Add(long start, long end)
    {
        _bySize.Add((end - start, start));
        (_endOf[start], _startOf[end]) = (end, start);
    }

    private long Remove(long start)
    {
        _endOf.Remove(start, out var end);
        _startOf.Remove(end);
        _bySize.Remove((end - start, start));
        return end;
    }
}
