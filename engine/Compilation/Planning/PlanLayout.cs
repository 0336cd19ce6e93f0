namespace VkNet.Compilation;

/// <summary>Gives every buffer its place and every dispatch its parameters, and makes the execution plan.</summary>
internal static class PlanLayout
{
    internal static ExecutionPlan Layout(LoweredGraph graph, CompilerOptions options)
    {
        var alignment = options.Profile.BufferAlignment;
        var main = new Lifetimes(graph.Main, graph.Buffers.Count);
        var setup = new Lifetimes(graph.Setup, graph.Buffers.Count);
        var placements = new Dictionary<VirtualBuffer, Placement>(graph.Buffers.Count);
        var arenas = new Dictionary<MemoryBlock, long[]>();
        CheckSizes(graph, options);

        var groups = main.Groups(graph.Buffers.Where(b => b.Kind == BufferKind.Activation), options.ReuseMemory);
        var items = groups.Select(g => new PlanningItem(Align(g.First.Bytes), main.Of(g.First).First, main.Of(g.Last).Last)).ToList();
        var planned = MemoryPlanner.Plan(items, options.Profile.MaxAllocationBytes, options.ReuseMemory);
        var alone = 0L;
        for (var i = 0; i < groups.Count; i++)
            for (var buffer = groups[i].First; buffer is not null; alone += Align(buffer.Bytes), buffer = main.SuccessorOf(buffer))
                placements[buffer] = new Placement(MemoryBlock.Activations, planned.Arena[i], planned.Offset[i], buffer.Bytes, main.Of(buffer).First, main.Of(buffer).Last);
        arenas[MemoryBlock.Activations] = planned.ArenaSizes;

        Sequential(MemoryBlock.Inputs, graph.Buffers.Where(b => b.Kind == BufferKind.Input));
        Sequential(MemoryBlock.Outputs, graph.Buffers.Where(b => b.Kind == BufferKind.Output));
        Sequential(MemoryBlock.RunBlock, graph.Buffers.Where(b => b.Kind == BufferKind.RunValue));
        Sequential(MemoryBlock.States, graph.Buffers.Where(b => b.Kind == BufferKind.State));
        Sequential(MemoryBlock.Weights, graph.Buffers.Where(b => b.Kind == BufferKind.Constant && main.Uses(b)));
        PlanSetup();

        var pinned = arenas[MemoryBlock.Inputs].Sum() + arenas[MemoryBlock.Outputs].Sum();
        var report = new MemoryReport(
            planned.Total + pinned,
            MemoryPlanner.LowerBound(items) + pinned,
            alone + pinned,
            arenas[MemoryBlock.Weights].Sum(),
            arenas[MemoryBlock.States].Sum(),
            planned.Planner);
        var plan = new ExecutionPlan
        {
            Name = graph.Name,
            Setup = new PlanSection(graph.Setup, LayoutParameters(graph.Setup, alignment)),
            Main = new PlanSection(graph.Main, LayoutParameters(graph.Main, alignment)),
            Placements = placements,
            Arenas = arenas,
            Inputs = graph.Inputs,
            RunValues = graph.RunValues,
            States = graph.States,
            Outputs = graph.Outputs,
            Extents = graph.Extents,
            BoundValues = graph.BoundValues,
            Memory = report,
        };
        Hazards.PlaceBarriers(plan, plan.Setup, options.FullBarriers);
        Hazards.PlaceBarriers(plan, plan.Main, options.FullBarriers);
        return plan;

        long Align(long bytes) => (bytes + alignment - 1) / alignment * alignment;

        void Sequential(MemoryBlock block, IEnumerable<VirtualBuffer> buffers)
        {
            var sizes = new List<long>();
            foreach (var buffer in buffers)
            {
                var bytes = Align(buffer.Bytes);
                if (sizes.Count == 0 || sizes[^1] + bytes > options.Profile.MaxAllocationBytes) sizes.Add(0);
                placements[buffer] = new Placement(block, sizes.Count - 1, sizes[^1], buffer.Bytes, -1, graph.Main.Count);
                sizes[^1] += bytes;
            }
            arenas[block] = [.. sizes];
        }

        // Raw weights are written before the first set-up call; packed results that no main call reads, and workspaces, live between their calls.
        void PlanSetup()
        {
            var buffers = graph.Buffers.Where(b => b.Kind == BufferKind.Constant && setup.Uses(b) && !placements.ContainsKey(b)).ToList();
            var spans = buffers.Select(b => new PlanningItem(Align(b.Bytes), b.Data is null && b.Parameter is null ? setup.Of(b).First : -1, setup.Of(b).Last)).ToList();
            var result = MemoryPlanner.Plan(spans, options.Profile.MaxAllocationBytes, options.ReuseMemory);
            for (var i = 0; i < buffers.Count; i++)
                placements[buffers[i]] = new Placement(MemoryBlock.Setup, result.Arena[i], result.Offset[i], buffers[i].Bytes, spans[i].First, spans[i].Last);
            arenas[MemoryBlock.Setup] = result.ArenaSizes;
        }
    }

    // Equal parameter blocks are stored once.
    private static byte[] LayoutParameters(IReadOnlyList<PlanCall> calls, int alignment)
    {
        var known = new SharedArrays<byte>();
        var offsets = new List<int>();
        var block = new List<byte>();
        foreach (var call in calls.OfType<DispatchCall>())
        {
            if (call.Parameters.Length == 0) continue;
            var number = known.Number(call.Parameters, out var isNew);
            if (isNew)
            {
                while (block.Count % alignment != 0) block.Add(0);
                offsets.Add(block.Count);
                block.AddRange(call.Parameters);
            }
            call.ParameterOffset = offsets[number];
        }
        return [.. block];
    }

    private static void CheckSizes(LoweredGraph graph, CompilerOptions options)
    {
        // Kernels number elements, of four bytes for the most part, in 32 bits.
        var limit = Math.Min(options.Profile.MaxAllocationBytes, 4L * int.MaxValue);
        foreach (var buffer in graph.Buffers)
            if (buffer.Bytes > limit)
                throw new VkNetException("VKN4201", $"tensor '{buffer.Name}' takes {buffer.Bytes} bytes; one allocation of {options.Profile.Name} holds at most {limit}", "use smaller sizes or another device", kind: ErrorKind.Device);
    }
}
