using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

/// <summary>
/// Compile time grows about as the graph does. <c>perf/run --compile</c> shows how nearly; the ratio here is generous. Processor time, because
/// machines are shared.
/// </summary>
internal sealed class CompileTimeTests
{
    private const double MostRatio = 25;
    private const double MostMilliseconds = 5_000;

    [TestCase("chain")]
    [TestCase("unfused")]
    // Every second value is read again at the very end, so that half of them lie in memory at once.
    [TestCase("all live")]
    [TestCase("states")]
    public void Ten_times_the_nodes_take_about_ten_times_as_long(string kind)
    {
        for (var i = 0; i < 3; i++) Measure(kind, 1_000);
        var small = Enumerable.Range(0, 5).Min(_ => Measure(kind, 1_000));
        var large = Enumerable.Range(0, 3).Min(_ => Measure(kind, 10_000));
        TestContext.Out.WriteLine($"{kind}: {small:0} ms for 1,000 nodes, {large:0} ms for 10,000");
        Assert.That(large, Is.LessThan(MostMilliseconds).And.LessThan(MostRatio * Math.Max(small, 10)));
    }

    private static double Measure(string kind, int nodes)
    {
        var graph = new StubGraph();
        var value = graph.Input("x");
        var values = new List<Value>();
        for (var i = 0; i < nodes; i++) values.Add(value = graph.Node($"n{i}", kind == "chain" ? "unary" : "opaque", value));
        if (kind == "states")
            for (var i = 0; i < nodes; i++) graph.Next(graph.State($"s{i}"), values[i]);
        if (kind == "all live")
            for (var i = 0; i < nodes; i += 2) value = graph.Node($"s{i}", "opaque2", value, values[i]);
        graph.Output(value);
        var built = graph.Build();
        GC.Collect();
        var before = Environment.CpuUsage.TotalTime;
        GraphCompiler.Compile(built, new CompilerOptions { Profile = StubGraph.Profile });
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }
}
