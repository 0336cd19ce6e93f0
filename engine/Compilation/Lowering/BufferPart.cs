using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>One of several tensors that share a buffer, one after another (see <see cref="ITreatsAlike"/>). What lies between them is nobody's.</summary>
/// <param name="Offset">First byte within the buffer.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Data">For carried tensors of the graph's own: the initial values.</param>
/// <param name="Parameter">For parameters: the value whose weights are to be loaded.</param>
public readonly record struct BufferPart(long Offset, long Bytes, Tensor? Data, Value? Parameter);
