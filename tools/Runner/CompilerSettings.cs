using System.CommandLine;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Runner.Commands;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner;

/// <summary>Turns command-line options into compiler options, with the listings that --debug asks for.</summary>
internal static class CompilerSettings
{
    internal static CompilerOptions From(ParseResult arguments, GraphOptions options, DeviceProfile profile, TextWriter error)
    {
        var debug = arguments.GetValue(CommonOptions.Debug);
        var tuning = TuningTable.Load(profile);
        if (tuning.IsOutdated) error.WriteLine("note: what 'vknet tune' found was measured with other kernels and is not used; tune again");
        return new CompilerOptions
        {
            Profile = profile,
            Fuse = !arguments.GetValue(options.NoFuse),
            Exact = arguments.GetValue(options.Exact),
            Precision = arguments.GetValue(options.Precision) == "f16" ? StoragePrecision.Float16 : StoragePrecision.Float32,
            Variant = arguments.GetValue(options.Variant),
            Tuning = tuning,
            FullBarriers = arguments.GetValue(options.FullBarriers),
            MemoryBudget = arguments.GetValue(options.MemoryBudget) is { } budget ? ByteCount.Parse("--memory-budget", budget) : null,
            Observe = debug < 2 ? null : (pass, graph) =>
            {
                if (debug >= 3 || pass == "built") error.WriteLine($"--- after {pass}\n{graph}");
            },
        };
    }

    /// <summary>Writes the parts of a plan that --debug asks for.</summary>
    internal static void Describe(ParseResult arguments, ExecutionPlan plan, TextWriter error)
    {
        var debug = arguments.GetValue(CommonOptions.Debug);
        if (debug < 4) return;
        error.WriteLine("--- calls");
        for (var i = 0; i < plan.Main.Calls.Count; i++)
        {
            var call = plan.Main.Calls[i];
            if (debug >= 6 && call.BarrierBefore) error.WriteLine("      barrier");
            error.WriteLine($"{i,5} {call.Kernel} {(call as DispatchCall)?.Descriptor.Variant} [{call.Node}] {string.Join(", ", call.Reads.Select(r => r.Buffer.Name))} -> {string.Join(", ", call.Writes.Select(w => w.Buffer.Name))}");
        }
        if (debug < 5) return;
        error.WriteLine("--- memory");
        foreach (var (buffer, place) in plan.Placements.OrderBy(p => p.Value.Block).ThenBy(p => p.Value.Arena).ThenBy(p => p.Value.Offset))
            error.WriteLine($"{place.Block,-12} {place.Arena} {place.Offset,12} {place.Bytes,12} calls {place.First}..{place.Last} {buffer.Name}");
    }
}
