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
        CheckSection(plan, plan.Setup, "set-up", faults);
        CheckSection(plan, plan.Main, "main", faults);
        return faults;
    }

    private static void CheckSection(ExecutionPlan plan, PlanSection section, string name, List<string> faults)
    {
        // Per 16-byte granule: the buffer whose value stands there, the barrier epoch of the last write and of the last read.
        var arenas = new Dictionary<(MemoryBlock, int), (VirtualBuffer?[] Owner, int[] Written, int[] Read)>();
        foreach (var (block, sizes) in plan.Arenas)
            for (var i = 0; i < sizes.Length; i++)
                if (section.Calls.Any(c => c.Reads.Concat(c.Writes).Any(s => plan.Placements[s.Buffer] is var p && p.Block == block && p.Arena == i)))
                    arenas[(block, i)] = (new VirtualBuffer?[Granules(sizes[i])], Filled(Granules(sizes[i])), Filled(Granules(sizes[i])));
        var epoch = 0;
        for (var index = 0; index < section.Calls.Count; index++)
        {
            var call = section.Calls[index];
            if (call.BarrierBefore) epoch++;
            foreach (var read in call.Reads) Visit(read, isWrite: false);
            foreach (var write in call.Writes) Visit(write, isWrite: true);

            void Visit(TensorSlice slice, bool isWrite)
            {
                var (block, arena, start, end) = plan.Locate(slice);
                if (end > plan.Arenas[block][arena]) faults.Add($"{name} call {index} ({call.Kernel}): {slice.Buffer.Name} reaches beyond its arena");
                var (owner, written, read) = arenas[(block, arena)];
                for (var g = start / Granule; g < Granules(end); g++)
                {
                    if (written[g] == epoch && !(isWrite && owner[g] == slice.Buffer && WrittenHere(call, slice)))
                    {
                        faults.Add($"{name} call {index} ({call.Kernel}) {(isWrite ? "overwrites" : "reads")} {slice.Buffer.Name} at byte {g * Granule} with no barrier after its last write");
                        return;
                    }
                    if (isWrite && read[g] == epoch && !call.Reads.Any(r => Covers(plan, r, block, arena, g)))
                    {
                        faults.Add($"{name} call {index} ({call.Kernel}) overwrites byte {g * Granule} with no barrier after its last read");
                        return;
                    }
                    if (!isWrite && plan.Placements[slice.Buffer].Block is MemoryBlock.Activations && owner[g] != slice.Buffer)
                    {
                        faults.Add($"{name} call {index} ({call.Kernel}) reads {slice.Buffer.Name} at byte {g * Granule}, but {owner[g]?.Name ?? "nothing"} stands there");
                        return;
                    }
                    if (isWrite) (owner[g], written[g]) = (slice.Buffer, epoch);
                    else read[g] = epoch;
                }
            }
        }
    }

    private static long Granules(long bytes) => (bytes + Granule - 1) / Granule;

    private static int[] Filled(long count)
    {
        var array = new int[count];
        Array.Fill(array, -1);
        return array;
    }

    // Two bindings of one call may name the same range for writing.
    private static bool WrittenHere(PlanCall call, TensorSlice slice) => call.Writes.Count(w => w.Buffer == slice.Buffer) > 1;

    private static bool Covers(ExecutionPlan plan, TensorSlice slice, MemoryBlock block, int arena, long granule)
    {
        var (b, a, start, end) = plan.Locate(slice);
        return b == block && a == arena && start / Granule <= granule && granule < Granules(end);
    }
}
