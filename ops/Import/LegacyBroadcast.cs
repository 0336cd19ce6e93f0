using VkNet.Graphs;
using VkNet.Operators.Layout;

namespace VkNet.Operators.Import;

/// <summary>
/// ONNX before opset 7 broadcast only the second input, only with the attribute <c>broadcast</c>, and aligned it at the attribute
/// <c>axis</c> (at the last axes without one).
/// </summary>
internal static class LegacyBroadcast
{
    /// <summary>The two inputs, the second one shaped so that NumPy's rule does the same.</summary>
    internal static Value[] Align(ImportNode node)
    {
        var (a, b) = (node.Input(0), node.Input(1));
        if (node.Opset >= 7 || node.Integer("broadcast", 0) == 0 || !node.Has("axis")) return [a, b];
        var axis = node.Integer("axis", 0);
        if (axis < 0) axis += a.Shape.Rank;
        var behind = a.Shape.Rank - axis - b.Shape.Rank;
        if (axis < 0 || behind < 0) node.Fail("VKN3110", $"{b.Type} does not lie along the axes of {a.Type} from axis {node.Integer("axis", 0)} on", "this is the broadcasting of opsets before 7");
        var sizes = b.Shape.Concat(Enumerable.Repeat(1L, (int)behind)).ToArray();
        return [a, node.Emit("reshape", AttributeSet.Empty.With(Reshape.Shape, sizes).With(Reshape.AllowZero, true), b)];
    }
}
