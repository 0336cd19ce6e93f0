namespace VkNet.Compilation;

/// <summary>
/// Items of one arena by the time at which they are live, so that those which overlap in time with another are found without looking at
/// all. The schedule is cut into stretches of calls; each item is listed under the stretch in which it begins, and among those that
/// reach into it under every later one.
/// </summary>
internal sealed class LiveItems(IReadOnlyList<PlanningItem> items)
{
    private const int StretchBits = 6;

    private readonly Dictionary<int, List<int>> _beginning = [];
    private readonly Dictionary<int, List<int>> _reachingInto = [];

    /// <summary>Number of items added.</summary>
    internal int Count { get; private set; }

    /// <summary>Adds an item by its index.</summary>
    internal void Add(int index)
    {
        Count++;
        var begin = StretchOf(items[index].First);
        List(_beginning, begin).Add(index);
        for (var s = begin + 1; s <= StretchOf(items[index].Last); s++) List(_reachingInto, s).Add(index);
    }

    /// <summary>Collects the indices of the items that are live at the same time as one, each once.</summary>
    internal void CollectOverlapping(PlanningItem item, List<int> found)
    {
        var begin = StretchOf(item.First);
        Collect(_reachingInto, begin);
        for (var s = begin; s <= StretchOf(item.Last); s++) Collect(_beginning, s);

        void Collect(Dictionary<int, List<int>> lists, int stretch)
        {
            if (!lists.TryGetValue(stretch, out var list)) return;
            foreach (var other in list)
                if (items[other].Overlaps(item)) found.Add(other);
        }
    }

    private static List<int> List(Dictionary<int, List<int>> lists, int stretch)
    {
        if (!lists.TryGetValue(stretch, out var list)) lists[stretch] = list = [];
        return list;
    }

    // Rounds down, below zero too: what is live before the first call begins at -1.
    private static int StretchOf(int call) => call >> StretchBits;
}
