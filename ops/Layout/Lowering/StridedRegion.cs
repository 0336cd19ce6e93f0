namespace VkNet.Operators.Layout.Lowering;

/// <summary>A rectangular set of elements with a place in a source and one in a target. Axes are listed outermost first.</summary>
/// <param name="Sizes">Extent along each axis.</param>
/// <param name="SourceOffset">Element of the source at coordinates zero.</param>
/// <param name="SourceStrides">Elements of the source from one coordinate to the next; zero repeats, negative goes backward.</param>
/// <param name="TargetOffset">Element of the target at coordinates zero.</param>
/// <param name="TargetStrides">Elements of the target from one coordinate to the next.</param>
internal sealed record StridedRegion(long[] Sizes, long SourceOffset, long[] SourceStrides, long TargetOffset, long[] TargetStrides)
{
    /// <summary>Number of elements.</summary>
    internal long Count => Sizes.Aggregate(1L, (a, b) => checked(a * b));

    /// <summary>A region that fills a dense target in its order.</summary>
    internal static StridedRegion FillingTarget(long[] sizes, long sourceOffset, long[] sourceStrides)
    {
        var strides = new long[sizes.Length];
        long stride = 1;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride = checked(stride * Math.Max(1, sizes[axis]));
        }
        return new StridedRegion(sizes, sourceOffset, sourceStrides, 0, strides);
    }

    /// <summary>Whether the elements stand in order, without gaps, in the source.</summary>
    internal bool IsContiguousInSource => IsContiguous(SourceStrides);

    /// <summary>Whether the elements stand in order, without gaps, in the target.</summary>
    internal bool IsContiguousInTarget => IsContiguous(TargetStrides);

    /// <summary>The same region with axes of size 1 left out and neighbours merged where both sides allow it; at least one axis.</summary>
    internal StridedRegion Merge()
    {
        var (sizes, source, target) = (new List<long>(), new List<long>(), new List<long>());
        for (var axis = 0; axis < Sizes.Length; axis++)
        {
            if (Sizes[axis] == 1) continue;
            if (sizes.Count > 0 && source[^1] == SourceStrides[axis] * Sizes[axis] && target[^1] == TargetStrides[axis] * Sizes[axis])
            {
                sizes[^1] *= Sizes[axis];
                (source[^1], target[^1]) = (SourceStrides[axis], TargetStrides[axis]);
                continue;
            }
            sizes.Add(Sizes[axis]);
            source.Add(SourceStrides[axis]);
            target.Add(TargetStrides[axis]);
        }
        if (sizes.Count == 0) (sizes, source, target) = ([1], [1], [1]);
        return new StridedRegion([.. sizes], SourceOffset, [.. source], TargetOffset, [.. target]);
    }

    /// <summary>The source element of every coordinate, in the order of the axes.</summary>
    internal long[] SourceElements() => Elements(SourceOffset, SourceStrides);

    /// <summary>The target element of every coordinate, in the order of the axes.</summary>
    internal long[] TargetElements() => Elements(TargetOffset, TargetStrides);

    private long[] Elements(long offset, long[] strides)
    {
        var result = new long[Count];
        var coordinates = new long[Sizes.Length];
        var place = offset;
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = place;
            for (var axis = Sizes.Length - 1; axis >= 0; axis--)
            {
                place += strides[axis];
                if (++coordinates[axis] < Sizes[axis]) break;
                place -= strides[axis] * Sizes[axis];
                coordinates[axis] = 0;
            }
        }
        return result;
    }

    private bool IsContiguous(long[] strides)
    {
        long stride = 1;
        for (var axis = Sizes.Length - 1; axis >= 0; axis--)
        {
            if (Sizes[axis] == 1) continue;
            if (strides[axis] != stride) return false;
            stride *= Sizes[axis];
        }
        return true;
    }
}
