using System.Text.Json;
using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Formats;

namespace VkNet.Runner.Reports;

/// <summary>Writes the last run as a Chrome/Perfetto trace: a device track with every call, a host track with the run.</summary>
internal static class ChromeTrace
{
    internal static void Save(string path, InferenceSession session, TimeSpan host)
    {
        var calls = session.Model.Plan.Main.Calls;
        var timings = session.LastTimings ?? new double[calls.Count];
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartObject();
            json.WriteStartArray("traceEvents");
            Name(json, 1, "host");
            Name(json, 2, session.Model.Device.Profile.Name);
            Event(json, 1, "run", 0, host.TotalMicroseconds, null);
            var start = Math.Max(0, (host.TotalMicroseconds - timings.Sum() / 1e3) / 2);
            for (var i = 0; i < calls.Count; i++)
            {
                Event(json, 2, calls[i].Node, start, timings[i] / 1e3, calls[i]);
                start += timings[i] / 1e3;
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void Name(Utf8JsonWriter json, int track, string name)
    {
        json.WriteStartObject();
        json.WriteString("ph", "M");
        json.WriteString("name", "thread_name");
        json.WriteNumber("pid", 1);
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
        json.WriteNumber("pid", 1);
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
