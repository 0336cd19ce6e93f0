using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;

namespace VkNet.Perf.Plans;

/// <summary>
/// How compile time grows with the graph, as a Markdown table: <c>perf/run --compile</c>. Processor time of all threads, garbage collection
/// and just-in-time compilation included: it says the same on a machine that is busy with other things.
/// </summary>
internal static class CompileTable
{
    private static readonly int[] Sizes = [1_000, 10_000, 100_000];

    // Above this number of nodes one compilation is enough.
    private const int LargestRepeated = 10_000;

    public static void Write(TextWriter output, DeviceProfile profile)
    {
        output.WriteLine($"| graph | {string.Join(" | ", Sizes.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s:N0} nodes, ms")))} | 10,000 / 1,000 | 100,000 / 10,000 |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var kind in GeneratedGraphs.Kinds)
        {
            var options = new CompilerOptions { Profile = profile, Training = GeneratedGraphs.IsTraining(kind) };
            // Warm: the runtime has compiled the compiler, and seen what its loops do.
            Measure(kind, Sizes[0], 30, options);
            Measure(kind, Sizes[1], 3, options);
            var times = Sizes.Select(size => Measure(kind, size, size > LargestRepeated ? 1 : 7, options)).ToList();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {string.Join(" | ", times.Select(t => t.ToString("0.0", CultureInfo.InvariantCulture)))} | {times[1] / times[0]:0.0} | {times[2] / times[1]:0.0} |"));
        }
    }

    // The median of some repetitions in milliseconds.
    private static double Measure(string kind, int nodes, int repetitions, CompilerOptions options)
    {
        var graph = GeneratedGraphs.Make(kind, nodes);
        var times = new double[repetitions];
        for (var i = 0; i < repetitions; i++)
        {
            // Each begins with the same empty heap, so that none pays for what another left.
            GC.Collect();
            var before = Environment.CpuUsage.TotalTime;
            GraphCompiler.Compile(graph, options);
            times[i] = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        }
        return times.Order().ElementAt(repetitions / 2);
    }
}
