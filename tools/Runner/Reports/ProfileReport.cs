using System.Globalization;
using VkNet.Compilation;
using VkNet.Execution;

namespace VkNet.Runner.Reports;

/// <summary>Device time per call of the last run, slowest first.</summary>
internal static class ProfileReport
{
    internal static void Write(TextWriter error, InferenceSession session)
    {
        if (session.LastTimings is not { } timings)
        {
            error.WriteLine("the device writes no timestamps");
            return;
        }
        Write(error, session.Model.Plan.Main.Calls, timings);
    }

    internal static void Write(TextWriter error, IReadOnlyList<PlanCall> calls, IReadOnlyList<double> timings)
    {
        var total = timings.Sum();
        error.WriteLine("      ms  share  GFLOP/s     GB/s  call");
        foreach (var i in Enumerable.Range(0, calls.Count).OrderByDescending(i => timings[i]).Take(40))
        {
            var (call, time) = (calls[i], Math.Max(timings[i], 1));
            error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{time / 1e6,8:0.000} {time / total,6:P1} {call.Flops / time,8:0.0} {call.Bytes / time,8:0.00}  {call.Kernel} {(call as DispatchCall)?.Descriptor.Variant} [{string.Join("+", call.SourceNodes.DefaultIfEmpty(call.Node))}]"));
        }
        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total / 1e6,8:0.000} ms on the device in {calls.Count} calls"));
    }
}
