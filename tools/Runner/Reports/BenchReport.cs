using System.Globalization;
using System.Text.Json;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Runner.Pages;

namespace VkNet.Runner.Reports;

/// <summary>What <c>vknet bench</c> found.</summary>
/// <param name="plan">The plan.</param>
/// <param name="flops">Nominal operations of the graph.</param>
/// <param name="speed">What the device can do.</param>
/// <param name="times">Milliseconds of the first run, then of the timed ones.</param>
/// <param name="calls">Device nanoseconds of every call; null when the device writes no timestamps.</param>
internal sealed class BenchReport(ExecutionPlan plan, double flops, DeviceSpeed speed, double[] times, double[]? calls)
{
    private const int Listed = 10;

    private readonly double[] _sorted = [.. times.Skip(1).Order()];

    internal double MedianMs => _sorted[_sorted.Length / 2];

    private double P95Ms => _sorted[Math.Min(_sorted.Length - 1, (int)(0.95 * _sorted.Length))];

    private double SpreadMs => _sorted[_sorted.Length * 3 / 4] - _sorted[_sorted.Length / 4];

    private double Gflops => flops / (MedianMs * 1e6);

    /// <summary>The median and the spread (distance of the quartiles) of an earlier report.</summary>
    /// <exception cref="VkNetException">VKN7003: there is no such file; VKN7034: it is no report of this command.</exception>
    internal static (double MedianMs, double SpreadMs) ReadBaseline(string path)
    {
        if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}' (given for --baseline)");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return (document.RootElement.GetProperty("medianMs").GetDouble(), document.RootElement.GetProperty("spreadMs").GetDouble());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new VkNetException("VKN7034", $"'{path}' is no report of vknet bench: {e.Message}", "make one: vknet bench GRAPH --json > FILE");
        }
    }

    internal bool IsSlowerThan((double MedianMs, double SpreadMs) baseline) =>
        MedianMs > 1.1 * baseline.MedianMs && MedianMs - baseline.MedianMs > SpreadMs + baseline.SpreadMs;

    internal void WriteText(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first {times[0]:0.00} ms, median {MedianMs:0.00} ms, 95 % within {P95Ms:0.00} ms, {1e3 / MedianMs:0.0} runs a second"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Gflops:0.0} GFLOP/s, {Gflops / speed.PeakGflops:P1} of the measured peak of {speed.PeakGflops:0}; copy {speed.CopyGbps:0.0} GB/s; {plan.Main.Dispatches} dispatches"));
        if (calls is null)
        {
            output.WriteLine("the device writes no timestamps, so nothing is known of single calls");
            return;
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"on the device {calls.Sum() / 1e6:0.00} ms; the slowest calls:"));
        output.WriteLine("      ms  share  of peak     GB/s  call");
        foreach (var i in Enumerable.Range(0, calls.Length).OrderByDescending(i => calls[i]).Take(Listed))
        {
            var (call, time) = (plan.Main.Calls[i], Math.Max(1, calls[i]));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{time / 1e6,8:0.000} {time / calls.Sum(),6:P0} {call.Flops / time / speed.PeakGflops,8:P1} {call.Bytes / time,8:0.00}  {call.Kernel} {Variant(call)} [{string.Join(" + ", call.SourceNodes.DefaultIfEmpty(call.Node))}]"));
        }
    }

    internal void WriteHtml(string path, string device) => BenchPage.Save(path, device, plan, speed, times, calls, (MedianMs, P95Ms, Gflops));

    internal void WriteJson(TextWriter output, DeviceProfile device) => JsonReport.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("device", device.Name);
        json.WriteBoolean("software", device.IsSoftware);
        json.WriteReal("firstMs", times[0]);
        json.WriteReal("medianMs", MedianMs);
        json.WriteReal("p95Ms", P95Ms);
        json.WriteReal("spreadMs", SpreadMs);
        if (calls is not null) json.WriteReal("gpuMedianMs", calls.Sum() / 1e6);
        json.WriteReal("throughput", 1e3 / MedianMs);
        json.WriteReal("gflops", Gflops);
        json.WriteReal("fractionOfPeak", Gflops / speed.PeakGflops);
        json.WriteReal("peakGflops", speed.PeakGflops);
        json.WriteReal("copyGbps", speed.CopyGbps);
        json.WriteStartArray("nodes");
        for (var i = 0; i < (calls?.Length ?? 0); i++)
        {
            var (call, time) = (plan.Main.Calls[i], Math.Max(1, calls![i]));
            json.WriteStartObject();
            json.WriteString("node", call.Node);
            json.WriteString("kernel", call.Kernel);
            json.WriteString("variant", Variant(call));
            json.WriteReal("ms", time / 1e6);
            json.WriteReal("gflops", call.Flops / time);
            json.WriteReal("gbps", call.Bytes / time);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Variant(PlanCall call) => (call as DispatchCall)?.Descriptor.Variant ?? "";
}
