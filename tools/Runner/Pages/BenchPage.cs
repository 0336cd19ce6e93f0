using System.Globalization;
using VkNet.Compilation;
using VkNet.Execution;

namespace VkNet.Runner.Pages;

/// <summary>The page of <c>vknet bench --html</c>: latency of every run, and every call beside the device's measured peaks.</summary>
internal static class BenchPage
{
    internal static void Save(string path, string device, ExecutionPlan plan, DeviceSpeed speed, IReadOnlyList<double> times, double[]? calls, (double Median, double P95, double Gflops) figures)
    {
        var page = new HtmlPage($"{plan.Name} on {device}")
            .Paragraph($"inputs {string.Join(", ", plan.Inputs.Select(i => $"{i.Key} {i.Value.Type}"))}; {times.Count - 1} timed runs after three for warming up")
            .Tiles(
                (Number(times[0]) + " ms", "first run"),
                (Number(figures.Median) + " ms", "median"),
                (Number(figures.P95) + " ms", "95 % of the runs within"),
                (Number(1e3 / figures.Median), "runs a second"),
                (Number(figures.Gflops), "GFLOP/s"),
                (Percent(figures.Gflops / speed.PeakGflops), string.Create(CultureInfo.InvariantCulture, $"of the measured peak of {speed.PeakGflops:0} GFLOP/s")),
                (Number(speed.CopyGbps), "GB/s copied, measured"),
                (plan.Main.Dispatches.ToString(CultureInfo.InvariantCulture), "dispatches"))
            .Heading("Latency")
            .Paragraph("Milliseconds from the call to the outputs, run by run.")
            .Raw(CurveChart.Draw("run", "milliseconds", new CurveChart.Curve("milliseconds", [.. times.Skip(1).Select((t, i) => (i + 1.0, t))], "accent")));
        if (calls is null) page.Heading("Calls").Paragraph("The device writes no timestamps, so nothing is known of single calls.");
        else
        {
            var total = Math.Max(1, calls.Sum());
            page.Heading("Calls, the slowest first")
                .Paragraph(string.Create(CultureInfo.InvariantCulture, $"Time on the device, {total / 1e6:0.00} ms in all; medians of a few runs with timestamps between the calls."))
                .Table(["#ms", "#share", "#GFLOP/s", "#of peak", "#GB/s", "#of copy", "kernel", "variant", "computes"], Enumerable.Range(0, calls.Length).OrderByDescending(i => calls[i]).Select(i => Row(plan.Main.Calls[i], Math.Max(1, calls[i]), total, speed)));
        }
        page.Save(path);
    }

    private static string[] Row(PlanCall call, double time, double total, DeviceSpeed speed) =>
    [
        (time / 1e6).ToString("0.000", CultureInfo.InvariantCulture), Percent(time / total), Number(call.Flops / time), Percent(call.Flops / time / speed.PeakGflops),
        Number(call.Bytes / time), Percent(call.Bytes / time / speed.CopyGbps), call.Kernel, (call as DispatchCall)?.Descriptor.Variant ?? "", string.Join(" + ", call.SourceNodes.DefaultIfEmpty(call.Node)),
    ];

    private static string Percent(double share) => share.ToString(share is > 0 and < 0.1 ? "P1" : "P0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value < 10 ? "0.##" : value < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
