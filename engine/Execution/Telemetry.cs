using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VkNet.Execution;

/// <summary>
/// What the engine reports of itself through System.Diagnostics: a meter and an activity source, both named <see cref="Name"/>. Nobody
/// listening costs nothing.
/// </summary>
public static class Telemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "VkNet";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> RunDuration = Meter.CreateHistogram<double>("vknet.run.duration", "s", "Time of a run from the call to its outputs.");
    private static readonly Histogram<double> CompileDuration = Meter.CreateHistogram<double>("vknet.compile.duration", "s", "Time of compiling and loading a plan.");

    internal static void RecordRun(string model, long start)
    {
        if (RunDuration.Enabled) RunDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("vknet.model", model));
    }

    internal static void RecordCompilation(string model, long start)
    {
        if (CompileDuration.Enabled) CompileDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("vknet.model", model));
    }
}
