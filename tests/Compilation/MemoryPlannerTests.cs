using VkNet.Compilation;

namespace VkNet.Tests.Compilation;

internal sealed class MemoryPlannerTests
{
    [Test]
    public void Ten_thousand_random_sets_of_items_never_overlap_and_respect_the_limit()
    {
        var random = new Random(20);
        for (var round = 0; round < 10_000; round++)
        {
            var items = RandomItems(random);
            var limit = round % 3 == 0 ? items.Select(i => i.Bytes).DefaultIfEmpty().Max() + random.Next(4) * 64 : long.MaxValue;
            var result = MemoryPlanner.Plan(items, limit, reuse: round % 7 != 0);
            Check(items, result, limit, $"round {round}");
        }
    }

    [Test]
    public void Zero_items_take_no_memory() => Assert.That(MemoryPlanner.Plan([], 1024).Total, Is.Zero);

    [Test]
    public void Chains_are_planned_at_the_lower_bound()
    {
        PlanningItem[] items = [.. Enumerable.Range(0, 100).Select(i => new PlanningItem(64 * (1 + i % 5), i, i + 1))];
        Assert.That(MemoryPlanner.Plan(items, long.MaxValue).Total, Is.EqualTo(MemoryPlanner.LowerBound(items)));
    }

    [Test]
    public void The_lower_bound_is_the_largest_live_sum()
    {
        // Call 0: 1; call 1: 1 + 2; call 2: 2 + 4; call 3: 4.
        PlanningItem[] items = [new(1, 0, 1), new(2, 1, 2), new(4, 2, 3)];
        Assert.That(MemoryPlanner.LowerBound(items), Is.EqualTo(6));
    }

    [Test]
    public void Without_reuse_every_item_has_a_place_of_its_own()
    {
        PlanningItem[] items = [new(64, 0, 1), new(128, 2, 3), new(64, 4, 5)];
        Assert.That(MemoryPlanner.Plan(items, long.MaxValue, reuse: false).Total, Is.EqualTo(256));
    }

    [Test]
    public void An_item_beyond_the_limit_gets_an_arena_of_its_own()
    {
        PlanningItem[] items = [new(64, 0, 9), new(4096, 0, 9), new(64, 0, 9)];
        var result = MemoryPlanner.Plan(items, 1024);
        Assert.That(result.Arena[0], Is.EqualTo(result.Arena[2]));
        Assert.That(result.Arena[1], Is.Not.EqualTo(result.Arena[0]));
    }

    [Test]
    public void Equal_items_give_equal_plans()
    {
        var items = RandomItems(new Random(5));
        var (first, second) = (MemoryPlanner.Plan(items, 2048), MemoryPlanner.Plan([.. items], 2048));
        Assert.That(second.Offset, Is.EqualTo(first.Offset));
        Assert.That(second.Arena, Is.EqualTo(first.Arena));
    }

    private static PlanningItem[] RandomItems(Random random)
    {
        var calls = random.Next(1, 40);
        return [.. Enumerable.Range(0, random.Next(0, 40)).Select(_ =>
        {
            var first = random.Next(calls);
            var length = random.Next(4) == 0 ? random.Next(calls) : random.Next(3);
            return new PlanningItem(64L * random.Next(1, 1 << random.Next(1, 8)), first, Math.Min(calls, first + length));
        })];
    }

    private static void Check(PlanningItem[] items, MemoryPlanner.Result result, long limit, string round)
    {
        for (var i = 0; i < items.Length; i++)
        {
            var end = result.Offset[i] + items[i].Bytes;
            if (result.Offset[i] < 0 || result.Offset[i] % 64 != 0 || end > limit || end > result.ArenaSizes[result.Arena[i]])
                Assert.Fail($"{round}: item {i} {items[i]} lies at {result.Offset[i]} of arena {result.Arena[i]}, limit {limit}");
            for (var j = 0; j < i; j++)
                if (result.Arena[i] == result.Arena[j] && items[i].First <= items[j].Last && items[j].First <= items[i].Last
                    && result.Offset[i] < result.Offset[j] + items[j].Bytes && result.Offset[j] < end)
                    Assert.Fail($"{round}: items {i} {items[i]} and {j} {items[j]} overlap");
        }
        Assert.That(result.Total, Is.GreaterThanOrEqualTo(MemoryPlanner.LowerBound(items)), round);
        Assert.That(result.Total, Is.LessThanOrEqualTo(items.Sum(i => i.Bytes)), round);
    }
}
