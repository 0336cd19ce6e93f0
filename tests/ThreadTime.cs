using System.Runtime.InteropServices;

namespace VkNet.Tests;

/// <summary>Processor time of the calling thread, on Linux.</summary>
internal static partial class ThreadTime
{
    private const int ThreadClock = 3;

    internal static double Microseconds()
    {
        if (GetTime(ThreadClock, out var time) != 0) throw new InvalidOperationException("the time of the thread cannot be read");
        return time.Seconds * 1e6 + time.Nanoseconds / 1e3;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Moment moment);

    [StructLayout(LayoutKind.Sequential)]
    private struct Moment
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
