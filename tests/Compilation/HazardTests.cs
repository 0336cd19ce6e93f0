using VkNet.Compilation;

namespace VkNet.Tests.Compilation;

internal sealed class HazardTests
{
    [Test]
    public void Independent_branches_run_without_a_barrier_between_them()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        var (a, b) = (graph.Node("a", "opaque", x), graph.Node("b", "opaque", x));
        graph.Output(graph.Node("c", "opaque2", a, b));
        Assert.That(Barriers(graph.Compile()), Is.EqualTo(new[] { false, false, true }));
    }

    [Test]
    public void A_chain_has_one_barrier_between_each_two_calls()
    {
        var graph = new StubGraph();
        var value = graph.Input("x");
        for (var i = 0; i < 5; i++) value = graph.Node($"n{i}", "opaque", value);
        graph.Output(value);
        Assert.That(Barriers(graph.Compile()), Is.EqualTo(new[] { false, true, true, true, true }));
    }

    [Test]
    public void Memory_taken_over_from_a_tensor_still_being_read_needs_a_barrier()
    {
        // a, b and d need two places; d lies where a was, whose last reader ran in the same breath.
        var graph = new StubGraph();
        var x = graph.Input("x");
        var a = graph.Node("a", "opaque", x);
        var b = graph.Node("b", "opaque", a);
        var d = graph.Node("d", "opaque", x);
        graph.Output(graph.Node("e", "opaque2", b, d));
        var reused = graph.Compile();
        Assert.That(reused.Placements.Single(p => p.Key.Name == "d").Value.Offset, Is.EqualTo(reused.Placements.Single(p => p.Key.Name == "a").Value.Offset));
        Assert.That(Barriers(reused), Is.EqualTo(new[] { false, true, true, true }));
        Assert.That(Barriers(graph.Compile(o => o with { ReuseMemory = false })), Is.EqualTo(new[] { false, true, false, true }));
    }

    [Test]
    public void Full_barriers_stand_before_every_call()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        graph.Output(graph.Node("a", "opaque", x)).Output(graph.Node("b", "opaque", x));
        Assert.That(Barriers(graph.Compile(o => o with { FullBarriers = true })), Is.EqualTo(new[] { true, true }));
    }

    [Test]
    public void A_state_is_overwritten_only_after_all_who_read_it()
    {
        var graph = new StubGraph();
        var state = graph.State("s");
        graph.Next(state, graph.Node("next", "opaque", state));
        graph.Output(graph.Node("y", "opaque", state));
        var plan = graph.Compile();
        Assert.That(plan.Main.Calls.Select(c => c.Kernel), Is.EqualTo(new[] { "stub/opaque", "stub/opaque", "copy" }));
        Assert.That(Barriers(plan), Is.EqualTo(new[] { false, false, true }));
    }

    [Test]
    public void Overwriting_without_a_barrier_what_another_call_reads_is_caught_even_when_the_writer_reads_it_too()
    {
        // c works in place over a, which b reads just before.
        var graph = new StubGraph();
        var a = graph.Node("a", "opaque", graph.Input("x"));
        var b = graph.Node("b", "opaque", a);
        var c = graph.Node("c", "unary", a);
        graph.Output(graph.Node("d", "opaque2", b, c));
        var plan = graph.Compile();
        var inPlace = plan.Main.Calls.Single(call => call.Node == "c");
        Assert.That(plan.Placements.Single(p => p.Key.Name == "c").Value.Offset, Is.EqualTo(plan.Placements.Single(p => p.Key.Name == "a").Value.Offset));
        Assert.That(inPlace.BarrierBefore, Is.True);
        inPlace.BarrierBefore = false;
        Assert.That(HazardChecker.Check(plan), Is.Not.Empty);
    }

    private static bool[] Barriers(ExecutionPlan plan) => [.. plan.Main.Calls.Select(c => c.BarrierBefore)];
}
