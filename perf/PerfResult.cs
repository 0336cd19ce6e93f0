using VkNet.Execution;

namespace VkNet.Perf;

/// <summary>One measured case. Times are device time of the case's own calls, in milliseconds: the median, and the least.</summary>
internal sealed record PerfResult
{
    public required string Set { get; init; }

    public required string Kernel { get; init; }

    public required string Shape { get; init; }

    /// <summary>The variant that was asked for; null when the choice was free.</summary>
    public string? Forced { get; init; }

    /// <summary>The kernels that ran, with their variants.</summary>
    public string Variant { get; init; } = "";

    public double Ms { get; init; } = double.NaN;

    public double BestMs { get; init; } = double.NaN;

    /// <summary>The distance between the quartiles, as a fraction of the median.</summary>
    public double Spread { get; init; } = double.NaN;

    public double Gflops { get; init; } = double.NaN;

    public double ExecutedGflops { get; init; } = double.NaN;

    public double Gbps { get; init; } = double.NaN;

    public double FractionOfPeak { get; init; } = double.NaN;

    public double FractionOfCopy { get; init; } = double.NaN;

    public double MaxError { get; init; } = double.NaN;

    /// <summary>Median times, in milliseconds, of other libraries in the same rounds.</summary>
    public IReadOnlyDictionary<string, double> Peers { get; init; } = new Dictionary<string, double>();

    /// <summary>The least times of these libraries.</summary>
    public IReadOnlyDictionary<string, double> PeersBest { get; init; } = new Dictionary<string, double>();

    /// <summary>The calls that make up the time.</summary>
    public IReadOnlyList<PerfCall> Calls { get; init; } = [];

    /// <summary>The same result with its fractions taken of these limits.</summary>
    public PerfResult Against(DeviceSpeed speed) => this with { FractionOfPeak = Gflops / speed.PeakGflops, FractionOfCopy = Gbps / speed.CopyGbps };

    public bool Correct { get; init; }

    /// <summary>Why the case could not be run; empty when it could.</summary>
    public string Problem { get; init; } = "";
}
