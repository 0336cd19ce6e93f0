namespace VkNet.Devices;

/// <summary>Device memory allocated by one <see cref="ComputeDevice"/>.</summary>
/// <param name="LiveBytes">Bytes allocated now.</param>
/// <param name="PeakBytes">The most bytes allocated at any time.</param>
/// <param name="LiveAllocations">Allocations alive now.</param>
/// <param name="TotalAllocations">Allocations made since the device was opened.</param>
/// <param name="Limit">Bytes that may be allocated; null when only the device limits them.</param>
public readonly record struct MemoryStatistics(long LiveBytes, long PeakBytes, int LiveAllocations, long TotalAllocations, long? Limit);
