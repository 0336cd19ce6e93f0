namespace VkNet.Compilation;

/// <summary>
/// Gives offsets to pieces of memory so that no two live at one time overlap. First the calls are followed in order, forward and backward,
/// with an allocator that takes the smallest gap; where neither reaches the lower bound, greedy orders are tried, and the best is improved by
/// a local search (greedy by size and by breadth after Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
/// Sizes are already aligned.
/// </summary>
internal static class MemoryPlanner
{
    private const int LargestTries = 600;

    // The greedy orders look at every pair of items that are live at one time: n^2 of them where everything lives long. Counts, not times,
    // bound the work, so that equal graphs get equal plans on every machine.
    private const long LargestPairs = 1_000_000;
    private const long LargestSearch = 25_000;

    internal sealed record Result(string Planner, int[] Arena, long[] Offset, long[] ArenaSizes)
    {
        internal long Total => ArenaSizes.Sum();
    }

    internal static Result Plan(IReadOnlyList<PlanningItem> items, long arenaLimit, bool reuse = true)
    {
        var order = Enumerable.Range(0, items.Count).ToArray();
        if (!reuse) return Sequential(items, arenaLimit);
        var bound = LowerBound(items);
        int[] forward = [.. order.OrderBy(i => items[i].First).ThenByDescending(i => items[i].Bytes)];
        var starts = new List<(Result Result, int[] Order)> { (Follow("best-fit", items, forward, arenaLimit), forward) };
        if (starts[0].Result.Total == bound) return starts[0].Result;
        int[] backward = [.. order.OrderByDescending(i => items[i].Last).ThenByDescending(i => items[i].Bytes)];
        PlanningItem[] mirrored = [.. items.Select(i => new PlanningItem(i.Bytes, -i.Last, -i.First))];
        starts.Add((Follow("best-fit-backward", mirrored, backward, arenaLimit), backward));
        var pairs = CountPairs(items);
        if (starts[1].Result.Total == bound || pairs > LargestPairs) return starts.MinBy(s => s.Result.Total).Result;
        foreach (var (name, sequence) in Orders(items, order))
        {
            starts.Add((Place(name, items, sequence, arenaLimit), sequence));
            if (starts[^1].Result.Total == bound) return starts[^1].Result;
        }
        var best = starts.MinBy(s => s.Result.Total).Result;
        var tries = items.Count < 3 ? 0 : (int)Math.Min(LargestTries, Math.Min(LargestSearch / items.Count, LargestPairs * 5 / Math.Max(pairs, 1)));
        foreach (var start in starts.OrderBy(s => s.Result.Total))
        {
            var improved = Improve(items, start.Result, start.Order, tries, bound, arenaLimit);
            if (improved.Total < best.Total) best = improved;
            if (best.Total == bound) break;
        }
        return best;
    }

    // Items that are live at one time, each pair once: those that begin before an item ends, less those that have ended before it begins.
    private static long CountPairs(IReadOnlyList<PlanningItem> items)
    {
        var (begins, ends) = (items.Select(i => i.First).Order().ToArray(), items.Select(i => i.Last).Order().ToArray());
        long pairs = 0;
        foreach (var item in items) pairs += CountBelow(begins, item.Last + 1) - CountBelow(ends, item.First) - 1;
        return pairs / 2;

        static int CountBelow(int[] sorted, int limit)
        {
            var (low, high) = (0, sorted.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (sorted[middle] < limit) low = middle + 1;
                else high = middle;
            }
            return low;
        }
    }

    // Goes through the calls in order: what has been used last is freed, what begins takes the smallest gap. The order is by first call.
    private static Result Follow(string name, IReadOnlyList<PlanningItem> items, int[] order, long arenaLimit)
    {
        var arenas = new int[items.Count];
        var offsets = new long[items.Count];
        var gaps = new List<GapList>();
        var ending = new PriorityQueue<int, int>();
        foreach (var index in order)
        {
            var item = items[index];
            while (ending.TryPeek(out var ended, out var last) && last < item.First)
            {
                ending.Dequeue();
                gaps[arenas[ended]].Free(offsets[ended], items[ended].Bytes);
            }
            for (var arena = 0; ; arena++)
            {
                if (arena == gaps.Count) gaps.Add(new GapList());
                // An item larger than an arena may be gets an arena of its own; the device says no if it cannot be.
                if (gaps[arena].Take(item.Bytes, gaps[arena].Size == 0 ? long.MaxValue : arenaLimit) is not { } offset) continue;
                (arenas[index], offsets[index]) = (arena, offset);
                ending.Enqueue(index, item.Last);
                break;
            }
        }
        return new Result(name, arenas, offsets, [.. gaps.Select(g => g.Size)]);
    }

    // Local search over the order of placing: an item at the top goes earlier, or two items change places.
    private static Result Improve(IReadOnlyList<PlanningItem> items, Result best, int[] order, int tries, long bound, long arenaLimit)
    {
        var random = new Random(1);
        var current = best;
        for (; tries > 0 && best.Total > bound; tries--)
        {
            var moved = order.ToList();
            if (random.Next(3) > 0)
            {
                var tops = Enumerable.Range(0, moved.Count).Where(p => current.Offset[moved[p]] + items[moved[p]].Bytes == current.ArenaSizes[current.Arena[moved[p]]]).ToList();
                var from = tops[random.Next(tops.Count)];
                var item = moved[from];
                moved.RemoveAt(from);
                moved.Insert(random.Next(from + 1), item);
            }
            else
            {
                var (a, b) = (random.Next(moved.Count), random.Next(moved.Count));
                (moved[a], moved[b]) = (moved[b], moved[a]);
            }
            int[] candidate = [.. moved];
            var result = Place("local-search", items, candidate, arenaLimit);
            if (result.Total > current.Total) continue;
            (current, order) = (result, candidate);
            if (result.Total < best.Total) best = result;
        }
        return best;
    }

    /// <summary>The largest sum of sizes live at one time.</summary>
    internal static long LowerBound(IReadOnlyList<PlanningItem> items)
    {
        return items.Count == 0 ? 0 : LiveBytes(items, out _).Max();
    }

    private static IEnumerable<(string Name, int[] Order)> Orders(IReadOnlyList<PlanningItem> items, int[] all)
    {
        yield return ("greedy-by-size", [.. all.OrderByDescending(i => items[i].Bytes).ThenBy(i => items[i].First)]);
        var breadth = Breadths(items);
        yield return ("greedy-by-breadth", [.. all.OrderByDescending(i => breadth[i]).ThenByDescending(i => items[i].Bytes).ThenBy(i => items[i].First)]);
        yield return ("greedy-by-duration", [.. all.OrderByDescending(i => (items[i].Last - items[i].First + 1.0) * items[i].Bytes).ThenBy(i => items[i].First)]);
    }

    // The breadth of an item is the largest live sum among the calls it spans: what lies at the peak is placed first.
    private static long[] Breadths(IReadOnlyList<PlanningItem> items)
    {
        if (items.Count == 0) return [];
        var live = LiveBytes(items, out var start);
        return [.. items.Select(item =>
        {
            long most = 0;
            for (var i = item.First; i <= item.Last; i++) most = Math.Max(most, live[i - start]);
            return most;
        })];
    }

    // The bytes live at each call from the first one on at which something is.
    private static long[] LiveBytes(IReadOnlyList<PlanningItem> items, out int start)
    {
        var (first, last) = (int.MaxValue, int.MinValue);
        foreach (var item in items) (first, last) = (Math.Min(first, item.First), Math.Max(last, item.Last));
        var live = new long[last - first + 2];
        foreach (var item in items)
        {
            live[item.First - first] += item.Bytes;
            live[item.Last + 1 - first] -= item.Bytes;
        }
        for (var i = 1; i < live.Length; i++) live[i] += live[i - 1];
        start = first;
        return live;
    }

    // Each item goes into the smallest gap that holds it between the items already placed that are live at the same time.
    private static Result Place(string name, IReadOnlyList<PlanningItem> items, int[] order, long arenaLimit)
    {
        var arenas = new int[items.Count];
        var offsets = new long[items.Count];
        var placed = new List<LiveItems>();
        var sizes = new List<long>();
        var live = new List<int>();
        var occupied = new List<(long Start, long End)>();
        foreach (var index in order)
        {
            var item = items[index];
            for (var arena = 0; ; arena++)
            {
                if (arena == placed.Count)
                {
                    placed.Add(new LiveItems(items));
                    sizes.Add(0);
                }
                live.Clear();
                occupied.Clear();
                placed[arena].CollectOverlapping(item, live);
                foreach (var other in live) occupied.Add((offsets[other], offsets[other] + items[other].Bytes));
                var offset = SmallestGap(occupied, item.Bytes);
                // An item larger than an arena may be gets an arena of its own; the device says no if it cannot be.
                if (offset + item.Bytes > arenaLimit && placed[arena].Count > 0) continue;
                arenas[index] = arena;
                offsets[index] = offset;
                sizes[arena] = Math.Max(sizes[arena], offset + item.Bytes);
                placed[arena].Add(index);
                break;
            }
        }
        return new Result(name, arenas, offsets, [.. sizes]);
    }

    private static Result Sequential(IReadOnlyList<PlanningItem> items, long arenaLimit)
    {
        var arenas = new int[items.Count];
        var offsets = new long[items.Count];
        var sizes = new List<long>();
        for (var i = 0; i < items.Count; i++)
        {
            if (sizes.Count == 0 || (sizes[^1] + items[i].Bytes > arenaLimit && sizes[^1] > 0)) sizes.Add(0);
            arenas[i] = sizes.Count - 1;
            offsets[i] = sizes[^1];
            sizes[^1] += items[i].Bytes;
        }
        return new Result("no-reuse", arenas, offsets, [.. sizes]);
    }

    private static long SmallestGap(List<(long Start, long End)> occupied, long bytes)
    {
        occupied.Sort();
        long end = 0, best = -1, bestGap = long.MaxValue;
        foreach (var (start, stop) in occupied)
        {
            var gap = start - end;
            if (gap >= bytes && gap < bestGap) (best, bestGap) = (end, gap);
            end = Math.Max(end, stop);
        }
        if (best >= 0) return best;
        return end;
    }
}
