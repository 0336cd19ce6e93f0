using VkNet.Compilation;

namespace VkNet.Tests.Compilation;

/// <summary>What must hold for the plan of any graph.</summary>
internal sealed class PlanPropertyTests
{
    private const int Graphs = 1000;

    [Test]
    public void Random_plans_are_sound_and_deterministic()
    {
        for (var seed = 0; seed < Graphs; seed++)
        {
            var options = RandomGraphs.Options(seed);
            var plan = GraphCompiler.Compile(RandomGraphs.Make(seed).Build(), options);
            Assert.That(HazardChecker.Check(plan), Is.Empty, $"seed {seed}");
            Assert.That(plan.Memory.PlannedBytes, Is.InRange(plan.Memory.LowerBoundBytes, plan.Memory.NoReuseBytes), $"seed {seed}");
            Assert.That(PlanText.Of(GraphCompiler.Compile(RandomGraphs.Make(seed).Build(), options)), Is.EqualTo(PlanText.Of(plan)), $"seed {seed}");
        }
    }

    // Looks at the calls alone: which bytes does each need from where they are first written to where they are last read?
    [Test]
    public void In_ten_thousand_random_plans_no_two_live_tensors_share_a_byte()
    {
        for (var seed = 0; seed < 10_000; seed++)
        {
            var plan = GraphCompiler.Compile(RandomGraphs.Make(seed).Build(), RandomGraphs.Options(seed));
            var spans = new Dictionary<VirtualBuffer, (int First, int Last)>();
            for (var i = 0; i < plan.Main.Calls.Count; i++)
            foreach (var slice in plan.Main.Calls[i].Reads.Concat(plan.Main.Calls[i].Writes))
                if (plan.Placements[slice.Buffer].Block == MemoryBlock.Activations) spans[slice.Buffer] = (spans.TryGetValue(slice.Buffer, out var span) ? span.First : i, i);
            foreach (var (a, spanA) in spans)
            foreach (var (b, spanB) in spans)
            {
                if (a.Id >= b.Id || spanA.First > spanB.Last || spanB.First > spanA.Last) continue;
                // What one call reads last and replaces, element by element, is not wanted any more.
                if ((b.MayReplace == a && spanA.Last == spanB.First) || (a.MayReplace == b && spanB.Last == spanA.First)) continue;
                var (x, y) = (plan.Placements[a], plan.Placements[b]);
                if (x.Arena == y.Arena && x.Offset < y.Offset + y.Bytes && y.Offset < x.Offset + x.Bytes) Assert.Fail($"seed {seed}: {a} and {b} lie in one place");
            }
            Assert.That(plan.Memory.PlannedBytes, Is.GreaterThanOrEqualTo(plan.Memory.LowerBoundBytes), $"seed {seed}");
        }
    }

    [Test]
    public void Every_barrier_is_needed_and_its_absence_is_caught()
    {
        var removed = 0;
        for (var seed = 0; seed < Graphs; seed++)
        {
            var plan = GraphCompiler.Compile(RandomGraphs.Make(seed).Build(), RandomGraphs.Options(seed));
            foreach (var call in plan.Setup.Calls.Concat(plan.Main.Calls).Where(c => c.BarrierBefore))
            {
                call.BarrierBefore = false;
                Assert.That(HazardChecker.Check(plan), Is.Not.Empty, $"seed {seed}, barrier before {call.Node}");
                call.BarrierBefore = true;
                removed++;
            }
        }
        Assert.That(removed, Is.GreaterThan(Graphs));
    }

    [Test]
    public void Two_tensors_in_one_place_are_caught()
    {
        var planted = 0;
        for (var seed = 0; seed < Graphs; seed++)
        {
            var plan = GraphCompiler.Compile(RandomGraphs.Make(seed).Build(), RandomGraphs.Options(seed));
            var places = plan.Placements.Where(p => plan.Main.Calls.Any(c => c.Reads.Concat(c.Writes).Any(s => s.Buffer == p.Key))).OrderBy(p => p.Key.Id).ToList();
            foreach (var (a, placeA) in places)
            foreach (var (b, placeB) in places)
            {
                if (a == b || placeA.Block != placeB.Block || placeA.First > placeB.Last || placeB.First > placeA.Last || placeA.Bytes < placeB.Bytes) continue;
                if (a.MayReplace == b || b.MayReplace == a) continue;
                // A place among many is tried, so that the test stays quick.
                if ((a.Id * 7 + b.Id + seed) % 5 != 0) continue;
                var moved = WithPlacement(plan, b, placeB with { Arena = placeA.Arena, Offset = placeA.Offset });
                Hazards.PlaceBarriers(moved, moved.Setup, everywhere: false);
                Hazards.PlaceBarriers(moved, moved.Main, everywhere: false);
                Assert.That(HazardChecker.Check(moved), Is.Not.Empty, $"seed {seed}: {b} laid over {a}");
                planted++;
            }
        }
        Assert.That(planted, Is.GreaterThan(Graphs));
    }

    private static ExecutionPlan WithPlacement(ExecutionPlan plan, VirtualBuffer buffer, Placement place) => new()
    {
        Name = plan.Name,
        Setup = plan.Setup,
        Main = plan.Main,
        Placements = new Dictionary<VirtualBuffer, Placement>(plan.Placements) { [buffer] = place },
        Arenas = plan.Arenas,
        Inputs = plan.Inputs,
        RunValues = plan.RunValues,
        States = plan.States,
        Outputs = plan.Outputs,
        BoundValues = plan.BoundValues,
        Memory = plan.Memory,
    };
}
