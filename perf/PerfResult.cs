namespace VkNet.Perf;

/// <summary>One measured case. Times are device time of the case's own calls, in milliseconds.</summary>
internal sealed record PerfResult(string Kernel, string Shape, string Variant, double Ms, double Spread, double Gflops, double ExecutedGflops, double Gbps, double FractionOfPeak, double FractionOfCopy, double MaxError, bool Correct);
