using System.Globalization;
using System.Text.Json;
using VkNet.Execution;

namespace VkNet.Perf;

/// <summary>Writes results as a table or as JSON, and compares two runs.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    internal sealed record Document(string Device, double PeakGflops, double CopyGbps, double TexelReadGbps, IReadOnlyList<PerfResult> Results);

    public static Document Of(string device, DeviceSpeed speed, IReadOnlyList<PerfResult> results) => new(device, speed.PeakGflops, speed.CopyGbps, speed.ReadGbps, results);

    public static void WriteJson(TextWriter output, Document document) => output.WriteLine(JsonSerializer.Serialize(document, Options));

    public static void WriteTable(TextWriter output, Document document, bool calls)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{document.Device}: multiply-add peak {document.PeakGflops:0} GFLOP/s, copy {document.CopyGbps:0.0} GB/s, read {document.TexelReadGbps:0.0} GB/s"));
        foreach (var set in document.Results.GroupBy(r => r.Set))
        {
            output.WriteLine($"{set.Key,-18} {"shape",-34} {"ms",9} {"best",9} {"spread",7} {"GFLOP/s",9} {"of peak",8} {"GB/s",7} {"of copy",8} {"error",9}  variant");
            foreach (var r in set)
            {
                output.WriteLine(r.Problem.Length > 0 ? $"{r.Kernel,-18} {r.Shape,-34} NOT RUN: {r.Problem}"
                    : r.Correct ? string.Create(CultureInfo.InvariantCulture, $"{r.Kernel,-18} {r.Shape,-34} {r.Ms,9:0.000} {r.BestMs,9:0.000} {r.Spread,7:P0} {r.Gflops,9:0.0} {r.FractionOfPeak,8:P0} {r.Gbps,7:0.0} {r.FractionOfCopy,8:P0} {r.MaxError,9:0.0e0}  {Shorten(r.Variant)}")
                    : string.Create(CultureInfo.InvariantCulture, $"{r.Kernel,-18} {r.Shape,-34} WRONG RESULT, no time is given: error {r.MaxError:0.0e0}  {r.Variant}"));
                foreach (var (peer, milliseconds) in r.Peers) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",-53} {milliseconds,9:0.000} {"",9}  {peer}: {milliseconds / r.Ms:0.00} of our time"));
                if (!calls) continue;
                foreach (var call in r.Calls) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",-53} {call.Ms,9:0.000} {call.BestMs,9:0.000}  {call.Kernel}"));
            }
        }
    }

    // A network's kernels do not fit a line; JSON has them all.
    private static string Shorten(string variants) => variants.Count(c => c == '+') < 4 ? variants : $"{variants.Count(c => c == '+') + 1} kernels";

    /// <summary>Lists cases slower than before by more than both spreads; returns their number.</summary>
    public static int Compare(TextWriter output, Document document, string oldFile)
    {
        Document? old;
        try
        {
            old = JsonSerializer.Deserialize<Document>(File.ReadAllText(oldFile), Options);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new VkNetException("VKN7010", $"'{oldFile}' is no result of perf/run --json: {e.Message}");
        }
        var before = (old?.Results ?? []).ToDictionary(r => (r.Set, r.Kernel, r.Shape, r.Forced));
        var regressions = 0;
        foreach (var now in document.Results)
        {
            if (!before.TryGetValue((now.Set, now.Kernel, now.Shape, now.Forced), out var then) || !now.Correct || !then.Correct) continue;
            var (change, noise) = (now.Ms / then.Ms - 1, Math.Max(0.05, now.Spread + then.Spread));
            if (change > noise) regressions++;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now.Kernel,-18} {now.Shape,-34} {then.Ms,9:0.000} -> {now.Ms,9:0.000} ms {change,8:+0%;-0%} (noise {noise:P0}){(change > noise ? "  REGRESSION" : "")}"));
        }
        return regressions;
    }
}
