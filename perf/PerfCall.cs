namespace VkNet.Perf;

/// <summary>One call of a measured case: its kernel and variant, its median time and its least, in milliseconds.</summary>
internal sealed record PerfCall(string Kernel, double Ms, double BestMs);
