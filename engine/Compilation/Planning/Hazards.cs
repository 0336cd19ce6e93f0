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
        var (read, written) = (new List<Range>(), new List<Range>());
        foreach (var call in section.Calls)
        {
            Locate(plan, call.Reads, read);
            Locate(plan, call.Writes, written);
            call.BarrierBefore = everywhere || Conflicts(read, written, reads, writes);
            if (call.BarrierBefore)
            {
                reads.Clear();
                writes.Clear();
            }
            foreach (var range in read) reads.Add(range);
            foreach (var range in written) writes.Add(range);
        }
    }

    private static void Locate(ExecutionPlan plan, IReadOnlyList<TensorSlice> slices, List<Range> ranges)
    {
        ranges.Clear();
        for (var i = 0; i < slices.Count; i++)
        {
            var (block, arena, start, end) = plan.Locate(slices[i]);
            if (start < end) ranges.Add(new Range(block, arena, start, end, slices[i]));
        }
    }

    private static bool Conflicts(List<Range> read, List<Range> written, RangeSet reads, RangeSet writes)
    {
        foreach (var range in read)
            if (writes.Overlaps(range)) return true;
        foreach (var range in written)
            if (writes.Overlaps(range) || reads.Overlaps(range)) return true;
        return false;
    }

    private readonly record struct Range(MemoryBlock Block, int Arena, long Start, long End, TensorSlice Slice);

    /// <summary>Ranges by arena, as merged disjoint intervals sorted by start, so that a test is a binary search.</summary>
    private sealed class RangeSet
    {
        private readonly Dictionary<(MemoryBlock, int), List<(long Start, long End)>> _ranges = [];
        private readonly List<Range> _parts = [];

        internal void Clear()
        {
            // The lists stay: there are as many as arenas.
            foreach (var list in _ranges.Values) list.Clear();
            _parts.Clear();
        }

        internal void Add(in Range range)
        {
            if (range.Slice.Part is not null)
            {
                _parts.Add(range);
                return;
            }
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

        internal bool Overlaps(in Range range)
        {
            foreach (var part in _parts)
                if (part.Block == range.Block && part.Arena == range.Arena && part.Start < range.End && range.Start < part.End && !AreDisjoint(part.Slice, range.Slice)) return true;
            if (!_ranges.TryGetValue((range.Block, range.Arena), out var list)) return false;
            var index = FirstEndingAfter(list, range.Start);
            return index < list.Count && list[index].Start < range.End;
        }

        // Parts of one tensor's channels that lie side by side.
        private static bool AreDisjoint(TensorSlice a, TensorSlice b) =>
            a.Buffer == b.Buffer && a.Offset == b.Offset && a.Part is { } first && b.Part is { } second && first.IsDisjointFrom(second);

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
