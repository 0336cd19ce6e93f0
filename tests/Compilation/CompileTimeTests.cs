using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

/// <summary>Compile time grows about as the graph does. Ratios only, and generous ones: machines differ and are shared.</summary>
internal sealed class CompileTimeTests
{
    [TestCase("chain", 40)]
    [TestCase("unfused", 40)]
    // Every second value is read again at the very end, so that half of them lie in memory at once: the planner's worst case, quadratic by nature.
    [TestCase("all live", 100)]
    public void Ten_times_the_nodes_do_not_take_a_hundred_times_as_long(string kind, double most)
    {
        Measure(kind, 300);
        var small = Enumerable.Range(0, 3).Min(_ => Measure(kind, 1_000));
        var large = Measure(kind, 10_000);
        TestContext.Out.WriteLine($"{kind}: {small:0} ms for 1,000 nodes, {large:0} ms for 10,000");
        Assert.That(large, Is.LessThan(most * Math.Max(small, 10)));
    }

    private static double Measure(string kind, int nodes)
    {
        var graph = new StubGraph();
        var value = graph.Input("x");
        var values = new List<Value>();
        for (var i = 0; i < nodes; i++) values.Add(value = graph.Node($"n{i}", kind == "chain" ? "unary" : "opaque", value));
        if (kind == "all live")
            for (var i = 0; i < nodes; i += 2) value = graph.Node($"s{i}", "opaque2", value, values[i]);
        graph.Output(value);
        var built = graph.Build();
        var clock = Stopwatch.StartNew();
        GraphCompiler.Compile(built, new CompilerOptions { Profile = StubGraph.Profile });
        return clock.Elapsed.TotalMilliseconds;
    }
}
