namespace VkNet.Compilation;

/// <summary>Where a buffer lies.</summary>
/// <param name="Block">Which block.</param>
/// <param name="Arena">Which arena of the block.</param>
/// <param name="Offset">First byte in the arena.</param>
/// <param name="Bytes">Length.</param>
/// <param name="First">Index of the first call that uses it; -1 when it holds a value before the first call.</param>
/// <param name="Last">Index of the last call that uses it; the number of calls when its value is wanted afterwards.</param>
public readonly record struct Placement(MemoryBlock Block, int Arena, long Offset, long Bytes, int First, int Last);
