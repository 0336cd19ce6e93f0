namespace VkNet.Shaders;

/// <summary>One field of a kernel's parameter block.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Offset">Bytes from the start of the block (std140).</param>
/// <param name="Kind">The type of its numbers.</param>
/// <param name="Count">How many numbers it holds, side by side without gaps.</param>
public sealed record KernelParameter(string Name, int Offset, ScalarKind Kind, int Count);
