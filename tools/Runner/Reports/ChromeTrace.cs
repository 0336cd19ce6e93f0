using System.Text.Json;
using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Formats;

namespace VkNet.Runner.Reports;

/// <summary>
/// Writes a Chrome/Perfetto trace: on the host's track what the command did from the first file to the last output, on the device's track every
/// call of the last run. The two clocks are not compared: the calls are put into the middle of the run that they belong to.
/// </summary>
internal static class ChromeTrace
{
    private const int Process = 1, Host = 1, Device = 2;

    /// <summary>Writes the trace.</summary>
    /// <param name="path">The file.</param>
    /// <param name="session">Holds the times of the last run's calls.</param>
    /// <param name="stages">What the host did; the last of them is the last run.</param>
    internal static void Save(string path, InferenceSession session, IReadOnlyList<(string Name, TimeSpan Start, TimeSpan Duration)> stages)
    {
        var calls = session.Model.Plan.Main.Calls;
        var timings = session.LastTimings ?? [];
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartObject();
            json.WriteString("displayTimeUnit", "ms");
            json.WriteStartArray("traceEvents");
            Name(json, "process_name", Host, "vknet");
            Name(json, "thread_name", Host, "host");
            Name(json, "thread_name", Device, session.Model.Device.Profile.Name);
            foreach (var (name, begin, duration) in stages) Event(json, Host, name, begin.TotalMicroseconds, duration.TotalMicroseconds, null);
            var run = stages[^1];
            var start = run.Start.TotalMicroseconds + Math.Max(0, (run.Duration.TotalMicroseconds - timings.Sum() / 1e3) / 2);
            for (var i = 0; i < timings.Count; i++)
            {
                Event(json, Device, calls[i].Node, start, timings[i] / 1e3, calls[i]);
                start += timings[i] / 1e3;
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void Name(Utf8JsonWriter json, string kind, int track, string name)
    {
        json.WriteStartObject();
        json.WriteString("ph", "M");
        json.WriteString("name", kind);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Event(Utf8JsonWriter json, int track, string name, double start, double duration, PlanCall? call)
    {
        json.WriteStartObject();
        json.WriteString("ph", "X");
        json.WriteString("name", name);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        json.WriteNumber("ts", start);
        json.WriteNumber("dur", duration);
        if (call is not null)
        {
            json.WriteStartObject("args");
            json.WriteString("kernel", call.Kernel);
            json.WriteString("variant", (call as DispatchCall)?.Descriptor.Variant ?? "");
            json.WriteNumber("flops", call.Flops);
            json.WriteNumber("bytes", call.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
