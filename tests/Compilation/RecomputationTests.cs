using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

internal sealed class RecomputationTests
{
    // Values made early and read again at the very end, as activations are by the gradients of a deep net.
    private static StubGraph DeepNet(int depth)
    {
        var graph = new StubGraph();
        var values = new List<Value> { graph.Node("n0", "opaque", graph.Input("x")) };
        for (var i = 1; i < depth; i++) values.Add(graph.Node($"n{i}", "opaque", values[^1]));
        var back = values[^1];
        for (var i = depth - 2; i >= 0; i--) back = graph.Node($"b{i}", "opaque2", back, values[i]);
        return graph.Output(back);
    }

    [Test]
    public void A_budget_is_kept_by_computing_again()
    {
        var graph = DeepNet(12);
        var free = graph.Compile();
        var budget = free.Memory.PlannedBytes * 2 / 3;
        var fitted = graph.Compile(o => o with { MemoryBudget = budget });
        Assert.That(HazardChecker.Check(fitted), Is.Empty);
        Assert.That(fitted.Memory.PlannedBytes, Is.LessThanOrEqualTo(budget));
        Assert.That(fitted.Memory.Recomputed, Is.Not.Empty);
        Assert.That(fitted.Main.Calls, Has.Count.EqualTo(free.Main.Calls.Count + fitted.Memory.Recomputed.Count));
    }

    [Test]
    public void A_budget_that_is_large_enough_changes_nothing()
    {
        var graph = DeepNet(6);
        var free = graph.Compile();
        var same = graph.Compile(o => o with { MemoryBudget = free.Memory.PlannedBytes });
        Assert.That(same.Memory.Recomputed, Is.Empty);
        Assert.That(same.Main.Calls, Has.Count.EqualTo(free.Main.Calls.Count));
    }

    [Test]
    public void An_impossible_budget_is_refused_with_the_least_possible()
    {
        var error = Assert.Throws<VkNetException>(() => DeepNet(12).Compile(o => o with { MemoryBudget = 100 }));
        Assert.That(error!.Message, Does.Contain("VKN4202").And.Contain("the least takes").And.Contain("alone needs"));
        var least = long.Parse(error.Message.Split("takes ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(DeepNet(12).Compile(o => o with { MemoryBudget = least }).Memory.PlannedBytes, Is.EqualTo(least));
    }

    // Both 'early' and 'other' are live where 'wide' is made, without being read there. But what 'early' reads has its next value by the time
    // 'early' is wanted again.
    [Test]
    public void What_reads_a_carried_tensor_is_not_repeated_after_its_update()
    {
        var graph = new StubGraph();
        var (state, x) = (graph.State("s"), graph.Input("x"));
        var (early, other) = (graph.Node("early", "opaque", state), graph.Node("other", "opaque", x));
        var wide = graph.Node("wide", "opaque2", graph.Node("l", "opaque2", early, other), graph.Node("r", "opaque2", other, early));
        var next = graph.Node("next", "opaque2", state, wide);
        graph.Next(state, next);
        graph.Output(graph.Node("output", "opaque2", graph.Node("late", "opaque2", graph.Node("mid", "opaque", next), early), other));
        var free = graph.Compile();
        var plan = graph.Compile(o => o with { MemoryBudget = free.Memory.PlannedBytes - 1 });
        Assert.That(plan.Memory.Recomputed.Select(r => r.Name), Is.EqualTo(new[] { "other" }));
    }

    [Test]
    public void Random_graphs_stay_sound_under_a_budget()
    {
        var fitted = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var graph = RandomGraphs.Make(seed);
            var free = graph.Compile(_ => RandomGraphs.Options(seed));
            try
            {
                var plan = graph.Compile(_ => RandomGraphs.Options(seed) with { MemoryBudget = free.Memory.PlannedBytes - 1 });
                Assert.That(HazardChecker.Check(plan), Is.Empty, $"seed {seed}");
                Assert.That(plan.Memory.PlannedBytes, Is.LessThan(free.Memory.PlannedBytes));
                fitted++;
            }
            catch (VkNetException e)
            {
                Assert.That(e.Message, Does.Contain("VKN4202"), $"seed {seed}");
            }
        }
        Assert.That(fitted, Is.GreaterThan(3));
    }
}
