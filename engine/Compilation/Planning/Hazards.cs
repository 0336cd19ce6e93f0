namespace VkNet.Compilation;

/// <summary>
/// Places a memory barrier before every call that reads what an earlier call wrote, or writes what an earlier one read or wrote, since the
/// last barrier; nowhere else. Between two replays the recording begins with a barrier of its own.
/// </summary>
internal static class Hazards
{
    internal static void PlaceBarriers(ExecutionPlan plan, PlanSection section, bool everywhere)
    {
        var reads = new RangeSet();
        var writes = new RangeSet();
        foreach (var call in section.Calls)
        {
            var conflict = everywhere
                || call.Reads.Any(r => writes.Overlaps(plan.Locate(r)))
                || call.Writes.Any(w => writes.Overlaps(plan.Locate(w)) || reads.Overlaps(plan.Locate(w)));
            call.BarrierBefore = conflict;
            if (conflict)
            {
                reads.Clear();
                writes.Clear();
            }
            foreach (var read in call.Reads) reads.Add(plan.Locate(read));
            foreach (var write in call.Writes) writes.Add(plan.Locate(write));
        }
    }

    /// <summary>Ranges by arena, as merged disjoint intervals sorted by start, so that a test is a binary search.</summary>
    private sealed class RangeSet
    {
        private readonly Dictionary<(MemoryBlock, int), List<(long Start, long End)>> _ranges = [];

        internal void Clear() => _ranges.Clear();

        internal void Add((MemoryBlock Block, int Arena, long Start, long End) range)
        {
            if (range.Start >= range.End) return;
            if (!_ranges.TryGetValue((range.Block, range.Arena), out var list)) _ranges[(range.Block, range.Arena)] = list = [];
            var index = FirstEndingAfter(list, range.Start - 1);
            var (start, end, count) = (range.Start, range.End, 0);
            while (index + count < list.Count && list[index + count].Start <= end)
            {
                start = Math.Min(start, list[index + count].Start);
                end = Math.Max(end, list[index + count].End);
                count++;
            }
            list.RemoveRange(index, count);
            list.Insert(index, (start, end));
        }

        internal bool Overlaps((MemoryBlock Block, int Arena, long Start, long End) range)
        {
            if (range.Start >= range.End || !_ranges.TryGetValue((range.Block, range.Arena), out var list)) return false;
            var index = FirstEndingAfter(list, range.Start);
            return index < list.Count && list[index].Start < range.End;
        }

        // Index of the first interval whose end lies after a position.
        private static int FirstEndingAfter(List<(long Start, long End)> list, long position)
        {
            var (low, high) = (0, list.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (list[middle].End > position) high = middle;
                else low = middle + 1;
            }
            return low;
        }
    }
}
