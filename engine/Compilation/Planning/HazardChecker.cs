namespace VkNet.Compilation;

/// <summary>
/// Checks a finished plan by other means than it was made: it simulates the calls one by one over the bytes of every arena, in pieces, and
/// reports what is read before it is written, what is read or overwritten without a barrier in between, and what lies over something else
/// that is still wanted.
/// </summary>
public static class HazardChecker
{
    private const long Granule = 16;

    /// <summary>Returns the faults found; none for a sound plan.</summary>
    public static IReadOnlyList<string> Check(ExecutionPlan plan)
    {
        var faults = new List<string>();
        CheckPlaces(plan, faults);
        CheckSection(plan, plan.Setup, "set-up", (buffer, _) => buffer.Data is not null || buffer.Parameter is not null, faults);
        CheckSection(plan, plan.Main, "main", (_, block) => block is MemoryBlock.Weights or MemoryBlock.Inputs or MemoryBlock.RunBlock or MemoryBlock.States, faults);
        return faults;
    }

    // What the caller feeds or reads, weights and carried tensors are wanted before the first call and after the last: each has bytes of its own.
    private static void CheckPlaces(ExecutionPlan plan, List<string> faults)
    {
        foreach (var arena in plan.Placements.GroupBy(p => (p.Value.Block, p.Value.Arena)))
        {
            var (block, index) = arena.Key;
            var end = 0L;
            foreach (var (buffer, place) in arena.OrderBy(p => p.Value.Offset))
            {
                if (place.Offset < 0 || place.Offset + place.Bytes > plan.Arenas[block][index]) faults.Add($"{buffer.Name} reaches beyond arena {index} of {block}");
                if (block is not (MemoryBlock.Activations or MemoryBlock.Setup) && place.Offset < end) faults.Add($"{buffer.Name} lies over another tensor of {block}");
                end = Math.Max(end, place.Offset + place.Bytes);
            }
        }
    }

    private static void CheckSection(ExecutionPlan plan, PlanSection section, string name, Func<VirtualBuffer, MemoryBlock, bool> isFilledBefore, List<string> faults)
    {
        var arenas = new Dictionary<(MemoryBlock, int), Granules>();
        foreach (var slice in section.Calls.SelectMany(c => c.Reads.Concat(c.Writes)))
        {
            var place = plan.Placements[slice.Buffer];
            arenas.TryAdd((place.Block, place.Arena), new Granules(Count(plan.Arenas[place.Block][place.Arena])));
        }
        foreach (var (buffer, place) in plan.Placements)
            if (isFilledBefore(buffer, place.Block) && arenas.TryGetValue((place.Block, place.Arena), out var granules))
                for (var g = place.Offset / Granule; g < Math.Min(Count(place.Offset + place.Bytes), granules.Owner.Length); g++) granules.Owner[g] = buffer;
        var epoch = 0;
        for (var index = 0; index < section.Calls.Count; index++)
        {
            var call = section.Calls[index];
            if (call.BarrierBefore) epoch++;
            var what = $"{name} call {index} ({call.Kernel})";
            var (reads, writes) = (call.Reads.ToList(), call.Writes.ToList());
            CheckWithinCall(plan, reads, writes, what, faults);
            // All checks come before all marks: what a call does itself is no hazard to it.
            foreach (var read in reads) CheckRead(read, what);
            foreach (var write in writes) CheckWrite(write, what);
            foreach (var read in reads) Mark(read, (granules, g) => granules.Read[g] = epoch);
            foreach (var write in writes)
                Mark(write, (granules, g) =>
                {
                    granules.Written[g] = epoch;
                    granules.Owner[g] = write.Buffer;
                });
        }

        void CheckRead(TensorSlice slice, string what)
        {
            var (granules, first, end) = Range(slice);
            for (var g = first; g < end; g++)
            {
                if (!Means(slice, g - first)) continue;
                if (granules.Written[g] == epoch)
                {
                    faults.Add($"{what} reads {slice.Buffer.Name} at byte {g * Granule} with no barrier after its last write");
                    return;
                }
                if (granules.Owner[g] != slice.Buffer && !IsBetweenParts(slice, slice.Offset + (g - first) * Granule))
                {
                    faults.Add($"{what} reads {slice.Buffer.Name} at byte {g * Granule}, but {granules.Owner[g]?.Name ?? "nothing"} stands there");
                    return;
                }
            }
        }

        void CheckWrite(TensorSlice slice, string what)
        {
            var (granules, first, end) = Range(slice);
            for (var g = first; g < end; g++)
            {
                if (!Means(slice, g - first) || (granules.Written[g] != epoch && granules.Read[g] != epoch)) continue;
                faults.Add($"{what} overwrites byte {g * Granule} of {slice.Buffer.Name} with no barrier after its last {(granules.Written[g] == epoch ? "write" : "read")}");
                return;
            }
        }

        void Mark(TensorSlice slice, Action<Granules, long> mark)
        {
            var (granules, first, end) = Range(slice);
            for (var g = first; g < end; g++)
                if (Means(slice, g - first)) mark(granules, g);
        }

        // What lies between tensors of a shared buffer is read along with them, and means nothing.
        static bool IsBetweenParts(TensorSlice slice, long offset) => slice.Buffer.Parts.Count > 0 && !slice.Buffer.Parts.Any(p => offset >= p.Offset && offset < p.Offset + p.Bytes);

        // A granule is a texel.
        bool Means(TensorSlice slice, long texel) => slice.Part is not { } part || part.Contains(texel);

        (Granules Granules, long First, long End) Range(TensorSlice slice)
        {
            var (block, arena, start, end) = plan.Locate(slice);
            var granules = arenas[(block, arena)];
            return (granules, start / Granule, Math.Min(Count(end), granules.Owner.Length));
        }
    }

    // A call may write where it reads only when it was made to: a carried tensor updated in place, or a result that takes over, element by
    // element, the whole of an input's memory.
    private static void CheckWithinCall(ExecutionPlan plan, List<TensorSlice> reads, List<TensorSlice> writes, string what, List<string> faults)
    {
        foreach (var write in writes)
        {
            foreach (var read in reads)
                if (write.Buffer != read.Buffer && Overlap(plan, write, read) && !(write.Buffer.MayReplace == read.Buffer && plan.Locate(write) == plan.Locate(read)))
                    faults.Add($"{what} writes {write.Buffer.Name} over {read.Buffer.Name}, which it reads");
            foreach (var other in writes)
                if (write.Buffer != other.Buffer && Overlap(plan, write, other))
                    faults.Add($"{what} writes {write.Buffer.Name} and {other.Buffer.Name} to one place");
        }
    }

    private static bool Overlap(ExecutionPlan plan, TensorSlice a, TensorSlice b)
    {
        var (x, y) = (plan.Locate(a), plan.Locate(b));
        return x.Block == y.Block && x.Arena == y.Arena && x.Start < y.End && y.Start < x.End;
    }

    private static long Count(long bytes) => (bytes + Granule - 1) / Granule;

    /// <summary>Per piece of an arena: whose value stands there, and the barrier epochs of the last write and the last read.</summary>
    private sealed class Granules
    {
        internal Granules(long count)
        {
            (Owner, Written, Read) = (new VirtualBuffer?[count], new int[count], new int[count]);
            Array.Fill(Written, -1);
            Array.Fill(Read, -1);
        }

        internal VirtualBuffer?[] Owner { get; }

        internal int[] Written { get; }

        internal int[] Read { get; }
    }
}
