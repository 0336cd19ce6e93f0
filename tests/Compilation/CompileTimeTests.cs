using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

/// <summary>
/// Compile time grows about as the graph does. <c>perf/run --compile</c> shows how nearly; the ratio here is generous. Processor time, because
/// machines are shared.
/// </summary>
internal sealed class CompileTimeTests
{
    // Of one graph to as many nodes in ten.
    private const double MostRatio = 2.5;
    private const double MostMilliseconds = 5_000;
    private const int Graphs = 10;

    [TestCase("chain")]
    [TestCase("unfused")]
    // Every second value is read again at the very end, so that half of them lie in memory at once.
    [TestCase("all live")]
    [TestCase("states")]
    public void Ten_times_the_nodes_take_about_ten_times_as_long(string kind)
    {
        var (small, large) = (double.MaxValue, double.MaxValue);
        // The sizes take turns, so that what else the machine does meets them alike; the first round only warms up.
        for (var round = 0; round < 6; round++)
        {
            var (ten, one) = (Measure(kind, 1_000, Graphs), Measure(kind, Graphs * 1_000, 1));
            if (round > 0) (small, large) = (Math.Min(small, ten), Math.Min(large, one));
        }
        TestContext.Out.WriteLine($"{kind}: {small:0} ms for {Graphs} graphs of 1,000 nodes, {large:0} ms for one of {Graphs * 1_000:N0}");
        Assert.That(large, Is.LessThan(MostMilliseconds).And.LessThan(MostRatio * Math.Max(small, 100)));
    }

    private static double Measure(string kind, int nodes, int count)
    {
        var graphs = Enumerable.Range(0, count).Select(_ => Make(kind, nodes)).ToArray();
        var plans = new ExecutionPlan[count];
        GC.Collect();
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < count; i++) plans[i] = GraphCompiler.Compile(graphs[i], new CompilerOptions { Profile = StubGraph.Profile });
        var time = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        GC.KeepAlive(plans);
        return time;
    }

    private static Graph Make(string kind, int nodes)
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
        return graph.Build();
    }
}
