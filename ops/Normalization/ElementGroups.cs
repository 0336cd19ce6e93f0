using VkNet.Tensors;

namespace VkNet.Operators.Normalization;

/// <summary>
/// A dense tensor seen as [ReducedOuter, KeptOuter, ReducedInner, KeptInner]: the elements that share both kept numbers form a group.
/// </summary>
/// <param name="ReducedOuter">Size of the outer axis that groups extend over.</param>
/// <param name="KeptOuter">Size of the outer axis that numbers groups.</param>
/// <param name="ReducedInner">Size of the inner axis that groups extend over.</param>
/// <param name="KeptInner">Size of the inner axis that numbers groups.</param>
internal sealed record ElementGroups(long ReducedOuter, long KeptOuter, long ReducedInner, long KeptInner)
{
    /// <summary>Number of groups.</summary>
    public long Count => KeptOuter * KeptInner;

    /// <summary>Elements of a group.</summary>
    public long Size => ReducedOuter * ReducedInner;

    /// <summary>Groups that extend over the given axes of a shape; null when kept and reduced axes alternate too often.</summary>
    public static ElementGroups? Over(Shape shape, IReadOnlyCollection<int> axes)
    {
        var sizes = new long[] { 1, 1, 1, 1 };
        var place = 0;
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (shape[axis] == 1) continue;
            var isReduced = axes.Contains(axis);
            // Places 0 and 2 are reduced, 1 and 3 are kept.
            while (place < 4 && (place % 2 == 0) != isReduced) place++;
            if (place == 4) return null;
            sizes[place] *= shape[axis];
        }
        return Of(sizes[0], sizes[1], sizes[2], sizes[3]);
    }

    /// <summary>Groups of given extents; what could stand at an outer or an inner place stands at the inner one, where neighbours are read together.</summary>
    public static ElementGroups Of(long reducedOuter, long keptOuter, long reducedInner, long keptInner) => reducedInner == 1 && keptInner == 1
        ? new ElementGroups(1, 1, reducedOuter, keptOuter)
        : new ElementGroups(reducedOuter, keptOuter, reducedInner, keptInner);

    /// <summary>Number of the group's element: <paramref name="element"/> counts along the reduced axes.</summary>
    public long Place(long group, long element)
    {
        var (keptOuter, keptInner) = (group / KeptInner, group % KeptInner);
        var (outer, inner) = (element / ReducedInner, element % ReducedInner);
        return ((outer * KeptOuter + keptOuter) * ReducedInner + inner) * KeptInner + keptInner;
    }
}
