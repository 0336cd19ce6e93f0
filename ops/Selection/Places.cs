namespace VkNet.Operators.Selection;

/// <summary>
/// The one meaning of indices that come from data, on host and device alike: negative ones count from the end of the axis, and what is
/// outside it even so is limited to it. ONNX leaves such indices undefined; here they never reach beyond the tensor.
/// </summary>
internal static class Places
{
    /// <summary>The place that an index means on an axis.</summary>
    public static long OnAxis(long index, long extent) => Math.Clamp(index < 0 ? index + extent : index, 0, extent - 1);

    /// <summary>The number that a tuple of indices means: the last axis runs fastest.</summary>
    public static long Linear(ReadOnlySpan<long> tuple, ReadOnlySpan<long> extents)
    {
        var place = 0L;
        for (var d = 0; d < tuple.Length; d++) place = place * extents[d] + OnAxis(tuple[d], extents[d]);
        return place;
    }
}
