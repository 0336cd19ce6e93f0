namespace VkNet.Devices;

/// <summary>The times noted during one run of a recording.</summary>
/// <param name="nanoseconds">Per timestamp, nanoseconds since the first one.</param>
internal sealed class TimestampResults(double[] nanoseconds)
{
    /// <summary>How many there are.</summary>
    public int Count => nanoseconds.Length;

    /// <summary>Nanoseconds from the first timestamp to one of them.</summary>
    public double this[int index] => nanoseconds[index];

    /// <summary>Nanoseconds from one timestamp to another.</summary>
    public double Between(int from, int to) => nanoseconds[to] - nanoseconds[from];

    /// <summary>Turns ticks into nanoseconds since the first; a counter of few bits may have wrapped around once.</summary>
    public static void Convert(ReadOnlySpan<ulong> ticks, Span<double> nanoseconds, double period, int validBits)
    {
        var mask = validBits >= 64 ? ulong.MaxValue : (1UL << validBits) - 1;
        for (var i = 0; i < ticks.Length; i++) nanoseconds[i] = ((ticks[i] - ticks[0]) & mask) * period;
    }
}
