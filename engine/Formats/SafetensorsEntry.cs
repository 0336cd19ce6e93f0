using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>One tensor of a safetensors file, as its header declares it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Element type and shape.</param>
/// <param name="Offset">Where its bytes start, counted from the start of the file.</param>
/// <param name="ByteCount">How many bytes they are.</param>
public sealed record SafetensorsEntry(string Name, TensorType Type, long Offset, long ByteCount);
