using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>How messages call a node.</summary>
internal static class NodeNames
{
    /// <summary>The node's name, or its first output's, or its operator's.</summary>
    public static string Of(NodeProto node) => node.Name != "" ? node.Name : node.Output.FirstOrDefault(o => o != "") ?? node.OpType;
}
