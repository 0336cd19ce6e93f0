namespace VkNet.Compilation;

/// <summary>A tensor that is dropped and computed again to fit a memory budget.</summary>
/// <param name="Name">Its name.</param>
/// <param name="BytesSaved">Bytes that its dropping frees where memory is fullest.</param>
/// <param name="FlopsAdded">Operations of computing it again.</param>
public sealed record RecomputedTensor(string Name, long BytesSaved, double FlopsAdded);
