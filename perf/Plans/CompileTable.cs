using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;

namespace VkNet.Perf.Plans;

/// <summary>
/// How compile time grows with the graph, as a Markdown table: <c>perf/run --compile</c>. Processor time of all threads, garbage collection
/// included: it says the same on a machine that is busy with other things.
/// </summary>
/// <remarks>
/// Every time is of as many graphs as have <see cref="Nodes"/> nodes together, compiled one after another, graphs and plans kept: a hundred
/// small ones fill the same memory and cause as many collections as one large graph. One small graph by itself would leave its collection
/// to whoever comes after it, and be compared, collections excluded, with large graphs, collections included. The sizes take turns, so that what
/// else the machine does meets them alike, and the median of the rounds is shown.
/// </remarks>
internal static class CompileTable
{
    private const int Nodes = 100_000;
    private const int Rounds = 5;

    private static readonly int[] Sizes = [1_000, 10_000, 100_000];

    public static void Write(TextWriter output, DeviceProfile profile)
    {
        output.WriteLine($"| graph | {string.Join(" | ", Sizes.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s:N0} nodes, ms")))} | 10,000 / 1,000 | 100,000 / 10,000 |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var kind in GeneratedGraphs.Kinds)
        {
            var options = new CompilerOptions { Profile = profile, Training = GeneratedGraphs.IsTraining(kind) };
            var times = Sizes.Select(_ => new List<double>()).ToArray();
            // The first rounds are left out: in them the runtime compiles the compiler, and sees what its loops do.
            for (var round = -2; round < Rounds; round++)
                for (var i = 0; i < Sizes.Length; i++)
                {
                    var time = Measure(kind, Sizes[i], options);
                    if (round >= 0) times[i].Add(time);
                }
            var medians = times.Select(t => t.Order().ElementAt(Rounds / 2)).ToArray();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {string.Join(" | ", medians.Select(t => t.ToString("0.0", CultureInfo.InvariantCulture)))} | {medians[1] / medians[0]:0.0} | {medians[2] / medians[1]:0.0} |"));
        }
    }

    // Milliseconds for one graph of a size.
    private static double Measure(string kind, int size, CompilerOptions options)
    {
        var graphs = Enumerable.Range(0, Nodes / size).Select(_ => GeneratedGraphs.Make(kind, size)).ToArray();
        var plans = new ExecutionPlan[graphs.Length];
        // All begin with a heap that holds their graphs and nothing else.
        GC.Collect();
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < graphs.Length; i++) plans[i] = GraphCompiler.Compile(graphs[i], options);
        var time = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        GC.KeepAlive(plans);
        return time / graphs.Length;
    }
}
