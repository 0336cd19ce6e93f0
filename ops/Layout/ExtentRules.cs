using VkNet.Graphs;

namespace VkNet.Operators.Layout;

/// <summary>How sizes that depend on data pass through operators that work along other axes (<see cref="Operator.Extents"/>).</summary>
internal static class ExtentRules
{
    /// <summary>For operators of one input whose axes appear in the result, perhaps at other places.</summary>
    /// <param name="node">The node.</param>
    /// <param name="place">The axis of the result for an axis of the input; null where its size must be known.</param>
    internal static IReadOnlyList<ValueExtent?>? Along(Node node, Func<int, int?> place) =>
        node.Inputs[0]!.Extent is not { } extent ? [] : place(extent.Axis) is { } axis ? [extent with { Axis = axis }] : null;

    /// <summary>For views: the axis must appear whole in the result. One that can have a single element at most is not told from others of size 1.</summary>
    internal static IReadOnlyList<ValueExtent?>? View(Node node)
    {
        var (from, to) = (node.Inputs[0]!.Shape, node.Outputs[0].Shape);
        return Along(node, axis =>
        {
            var (outer, size) = (from.Product(0, axis), from[axis]);
            return size > 1 && Enumerable.Range(0, to.Rank).Where(b => to[b] == size && to.Product(0, b) == outer).ToList() is [var only] ? only : null;
        });
    }

    /// <summary>For operators that join several inputs: all must be cut to the same size, along an axis that is not touched.</summary>
    /// <param name="node">The node.</param>
    /// <param name="touched">The axis along which they are joined.</param>
    internal static IReadOnlyList<ValueExtent?>? Common(Node node, int touched)
    {
        var extents = node.Inputs.Select(i => i?.Extent).Distinct().ToList();
        return extents is not [var common] || common?.Axis == touched ? null : common is null ? [] : [common];
    }
}
