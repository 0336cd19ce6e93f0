using System.Diagnostics;

namespace VkNet.Devices;

/// <summary>How long the calling thread has spent in the driver for replays: submitting, waiting, and making mapped memory visible.</summary>
internal static class DriverTime
{
    [ThreadStatic]
    private static long _submitting;

    [ThreadStatic]
    private static long _waiting;

    [ThreadStatic]
    private static long _synchronizing;

    /// <summary>The totals of this thread since it began.</summary>
    internal static (TimeSpan Submitting, TimeSpan Waiting, TimeSpan Synchronizing) OfThisThread => (Span(_submitting), Span(_waiting), Span(_synchronizing));

    internal static void AddSubmitting(long since) => _submitting += Stopwatch.GetTimestamp() - since;

    internal static void AddWaiting(long since) => _waiting += Stopwatch.GetTimestamp() - since;

    internal static void AddSynchronizing(long since) => _synchronizing += Stopwatch.GetTimestamp() - since;

    private static TimeSpan Span(long ticks) => TimeSpan.FromSeconds(ticks / (double)Stopwatch.Frequency);
}
