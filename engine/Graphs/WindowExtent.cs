namespace VkNet.Graphs;

/// <summary>How an output's place along a spatial axis depends on the input's: on so many places in a row, so far from those of its neighbour.</summary>
/// <param name="Size">Places, gaps of dilation included.</param>
/// <param name="Stride">Distance between the windows of neighbours.</param>
public readonly record struct WindowExtent(long Size, long Stride)
{
    /// <summary>One window of one place for every spatial axis of a tensor [N, C, spatial...].</summary>
    public static IReadOnlyList<WindowExtent> Pointwise(Value tensor) => [.. Enumerable.Repeat(new WindowExtent(1, 1), Math.Max(0, tensor.Shape.Rank - 2))];
}
