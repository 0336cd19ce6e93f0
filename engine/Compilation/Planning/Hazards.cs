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
            call.BarrierBefore = everywhere || Conflicts(plan, call, reads, writes);
            if (call.BarrierBefore)
            {
                reads.Clear();
                writes.Clear();
            }
            foreach (var read in call.Reads) reads.Add(plan.Locate(read), read);
            foreach (var write in call.Writes) writes.Add(plan.Locate(write), write);
        }
    }

    private static bool Conflicts(ExecutionPlan plan, PlanCall call, RangeSet reads, RangeSet writes)
    {
        foreach (var read in call.Reads)
            if (writes.Overlaps(plan.Locate(read), read)) return true;
        foreach (var write in call.Writes)
            if (plan.Locate(write) is var place && (writes.Overlaps(place, write) || reads.Overlaps(place, write))) return true;
        return false;
    }

    /// <summary>Ranges by arena, as merged disjoint intervals sorted by start, so that a test is a binary search.</summary>
    private sealed class RangeSet
    {
        private readonly Dictionary<(MemoryBlock, int), List<(long Start, long End)>> _ranges = [];
        private readonly List<(MemoryBlock Block, int Arena, long Start, long End, TensorSlice Slice)> _parts = [];

        internal void Clear()
        {
            _ranges.Clear();
            _parts.Clear();
        }

        internal void Add((MemoryBlock Block, int Arena, long Start, long End) range, TensorSlice slice)
        {
            if (range.Start >= range.End) return;
            if (slice.Part is not null)
            {
                _parts.Add((range.Block, range.Arena, range.Start, range.End, slice));
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

        internal bool Overlaps((MemoryBlock Block, int Arena, long Start, long End) range, TensorSlice slice)
        {
            if (range.Start >= range.End) return false;
            foreach (var part in _parts)
                if (part.Block == range.Block && part.Arena == range.Arena && part.Start < range.End && range.Start < part.End && !AreDisjoint(part.Slice, slice)) return true;
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
