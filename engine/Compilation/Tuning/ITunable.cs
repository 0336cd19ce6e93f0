using VkNet.Devices;
using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Implemented by operators whose nodes can be run in several ways, any of which may be the fastest.</summary>
public interface ITunable
{
    /// <summary>
    /// The kernel variants worth comparing for a node on a device; a name that turns out not to suit the node stands for the default.
    /// </summary>
    IEnumerable<string> Variants(Node node, DeviceProfile profile);
}
