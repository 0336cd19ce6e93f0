namespace VkNet.Compilation;

/// <summary>
/// Gives offsets to pieces of memory so that no two live at one time overlap. Several greedy orders are tried, and where none
/// reaches the lower bound the best is improved by a local search (greedy by size and by breadth after Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
/// Sizes are already aligned.
/// </summary>
internal static class MemoryPlanner
{
    private const int LargestTries = 600;
    private const int LargestPlacements = 25_000;

    internal sealed record Result(string Planner, int[] Arena, long[] Offset, long[] ArenaSizes)
    {
        internal long Total => ArenaSizes.Sum();
    }

    internal static Result Plan(IReadOnlyList<PlanningItem> items, long arenaLimit, bool reuse = true)
    {
        var order = Enumerable.Range(0, items.Count).ToArray();
        if (!reuse) return Sequential(items, arenaLimit);
        var bound = LowerBound(items);
        var starts = new List<(Result Result, int[] Order)>();
        foreach (var (name, sequence) in Orders(items, order))
        {
            starts.Add((Place(name, items, sequence, arenaLimit), sequence));
            if (starts[^1].Result.Total == bound) return starts[^1].Result;
        }
        var best = starts.MinBy(s => s.Result.Total).Result;
        foreach (var start in starts.OrderBy(s => s.Result.Total))
        {
            var improved = Improve(items, start.Result, start.Order, bound, arenaLimit);
            if (improved.Total < best.Total) best = improved;
            if (best.Total == bound) break;
        }
        return best;
    }

    // Local search over the order of placing: an item at the top goes earlier, or two items change places. Bounded by work, not by time,
    // so that equal graphs get equal plans on every machine.
    private static Result Improve(IReadOnlyList<PlanningItem> items, Result best, int[] order, long bound, long arenaLimit)
    {
        var tries = items.Count < 3 ? 0 : Math.Min(LargestTries, LargestPlacements / items.Count);
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
        var changes = new SortedDictionary<int, long>();
        foreach (var item in items)
        {
            changes[item.First] = changes.GetValueOrDefault(item.First) + item.Bytes;
            changes[item.Last + 1] = changes.GetValueOrDefault(item.Last + 1) - item.Bytes;
        }
        long live = 0, most = 0;
        foreach (var change in changes.Values)
        {
            live += change;
            most = Math.Max(most, live);
        }
        return most;
    }

    private static IEnumerable<(string Name, int[] Order)> Orders(IReadOnlyList<PlanningItem> items, int[] all)
    {
        yield return ("greedy-by-size", [.. all.OrderByDescending(i => items[i].Bytes).ThenBy(i => items[i].First)]);
        var breadth = Breadths(items);
        yield return ("greedy-by-breadth", [.. all.OrderByDescending(i => breadth[i]).ThenByDescending(i => items[i].Bytes).ThenBy(i => items[i].First)]);
        yield return ("best-fit", [.. all.OrderBy(i => items[i].First).ThenByDescending(i => items[i].Bytes)]);
        yield return ("best-fit-backward", [.. all.OrderByDescending(i => items[i].Last).ThenByDescending(i => items[i].Bytes)]);
        yield return ("greedy-by-duration", [.. all.OrderByDescending(i => (items[i].Last - items[i].First + 1.0) * items[i].Bytes).ThenBy(i => items[i].First)]);
    }

    // The breadth of an item is the largest live sum among the calls it spans: what lies at the peak is placed first.
    private static long[] Breadths(IReadOnlyList<PlanningItem> items)
    {
        if (items.Count == 0) return [];
        var start = items.Min(i => i.First);
        var live = new long[items.Max(i => i.Last) - start + 2];
        foreach (var item in items)
        {
            live[item.First - start] += item.Bytes;
            live[item.Last + 1 - start] -= item.Bytes;
        }
        for (var i = 1; i < live.Length; i++) live[i] += live[i - 1];
        return [.. items.Select(item =>
        {
            long most = 0;
            for (var i = item.First; i <= item.Last; i++) most = Math.Max(most, live[i - start]);
            return most;
        })];
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
