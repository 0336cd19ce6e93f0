using System.Diagnostics;
using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;

namespace VkNet.Perf.Plans;

/// <summary>What compilation makes of whole networks, as a Markdown table: <c>perf/run --plans</c>.</summary>
internal static class PlanTable
{
    private const int Compilations = 5;

    public static void Write(TextWriter output, DeviceProfile profile, IReadOnlyList<string> files)
    {
        output.WriteLine("| network | nodes | dispatches, unfused -> fused | barriers | planned, MiB | planned / lower bound | no reuse / planned | weights, MiB | compile, ms |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, graph) in Networks.Load(files)) output.WriteLine(Row(name, graph, new CompilerOptions { Profile = profile }));
    }

    private static string Row(string name, Graph graph, CompilerOptions options)
    {
        var unfused = GraphCompiler.Compile(graph, options with { Fuse = false });
        var plan = unfused;
        var times = new double[Compilations];
        for (var i = 0; i < times.Length; i++)
        {
            var clock = Stopwatch.StartNew();
            plan = GraphCompiler.Compile(graph, options);
            times[i] = clock.Elapsed.TotalMilliseconds;
        }
        var (memory, mebibyte) = (plan.Memory, 1024.0 * 1024);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {graph.Nodes.Count} | {unfused.Main.Dispatches} -> {plan.Main.Dispatches} | {plan.Main.Barriers} | {memory.PlannedBytes / mebibyte:0.00} | {(double)memory.PlannedBytes / memory.LowerBoundBytes:0.000} | {(double)memory.NoReuseBytes / memory.PlannedBytes:0.0} | {memory.WeightBytes / mebibyte:0.0} | {times.Order().ElementAt(Compilations / 2):0} |");
    }
}
