namespace VkNet.Graphs;

/// <summary>A carried tensor: its value at the start of a run and the value it takes at the end. Both share one place in device memory.</summary>
/// <param name="Input">The value read during the run.</param>
/// <param name="Output">The value that replaces it afterwards; of the same type.</param>
public sealed record StatePair(Value Input, Value Output);
