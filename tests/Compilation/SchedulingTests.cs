using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

internal sealed class SchedulingTests
{
    [Test]
    public void Small_graphs_get_the_best_order()
    {
        var tried = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var graph = RandomGraphs.Make(seed).Build();
            if (graph.Nodes.Count is < 2 or > 7) continue;
            var problem = new ScheduleProblem(graph);
            Assert.That(problem.Peak(problem.Exact()!), Is.EqualTo(Orders(graph).Min(problem.Peak)), $"seed {seed}");
            tried++;
        }
        Assert.That(tried, Is.GreaterThan(50));
    }

    [Test]
    public void The_local_search_keeps_the_order_valid_and_never_raises_the_peak()
    {
        var better = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var graph = RandomGraphs.Make(seed).Build();
            var problem = new ScheduleProblem(graph);
            var greedy = problem.Greedy();
            var improved = problem.Improve(greedy);
            Assert.That(improved.Order(), Is.EqualTo(Enumerable.Range(0, graph.Nodes.Count)), $"seed {seed}");
            Assert.That(IsValid(graph, improved), Is.True, $"seed {seed}");
            Assert.That(problem.Peak(improved), Is.LessThanOrEqualTo(problem.Peak(greedy)), $"seed {seed}");
            if (problem.Peak(improved) < problem.Peak(greedy)) better++;
        }
        Assert.That(better, Is.GreaterThan(0));
    }

    [Test]
    public void Large_graphs_have_no_exact_answer()
    {
        var graph = new StubGraph();
        var value = graph.Input("x");
        for (var i = 0; i <= ScheduleProblem.LargestExact; i++) value = graph.Node($"n{i}", "opaque", value);
        Assert.That(new ScheduleProblem(graph.Output(value).Build()).Exact(), Is.Null);
    }

    // Every topological order, with writers of carried tensors after their readers.
    private static IEnumerable<int[]> Orders(Graph graph) => Extend(graph, []);

    private static IEnumerable<int[]> Extend(Graph graph, int[] order)
    {
        if (order.Length == graph.Nodes.Count) return [order];
        return Enumerable.Range(0, graph.Nodes.Count).Where(n => !order.Contains(n) && MayFollow(graph, order, n)).SelectMany(n => Extend(graph, [.. order, n]));
    }

    private static bool IsValid(Graph graph, int[] order) => Enumerable.Range(0, order.Length).All(i => MayFollow(graph, order[..i], order[i]));

    private static bool MayFollow(Graph graph, int[] done, int node)
    {
        var nodes = graph.Nodes.ToList();
        if (nodes[node].Inputs.OfType<Value>().Any(v => v.Producer is { } p && nodes.IndexOf(p) is >= 0 and var at && !done.Contains(at))) return false;
        return graph.States.Where(s => s.Output.Producer == nodes[node])
            .All(s => Enumerable.Range(0, node).All(r => !nodes[r].Inputs.Contains(s.Input) || done.Contains(r)));
    }
}
