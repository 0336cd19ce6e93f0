using VkNet.Devices;
using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Implemented by operators whose kernels can compute an input while they read it, where nobody else wants it: pointwise functions, after
/// repeating elements as <see cref="IRepeats"/> does (the gradient at a convolution's output, behind an activation and mean pooling).
/// </summary>
public interface IReadsThrough
{
    /// <summary>Which input, in the layouts that the node's tensors have; null where its kernels cannot, or would compute too much again and again.</summary>
    int? ReadThroughInput(Node node, DeviceProfile profile);

    /// <summary>The node's attributes when that input is given unrepeated.</summary>
    /// <param name="node">The node.</param>
    /// <param name="factor">Elements that each element becomes along each spatial axis.</param>
    AttributeSet WithRepeated(Node node, IReadOnlyList<long> factor);
}
