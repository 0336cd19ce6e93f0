using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>NumPy's broadcasting rule for host evaluators: shapes are aligned at their last axes, and axes of size 1 repeat.</summary>
internal static class Broadcasting
{
    /// <summary>For every element of <paramref name="target"/>, the element of <paramref name="source"/> that is read; null when they are the same.</summary>
    internal static int[]? Map(Shape source, Shape target)
    {
        if (source == target) return null;
        var map = new int[checked((int)target.ElementCount)];
        if (map.Length == 0 || source.ElementCount == 1) return map;
        var strides = source.Strides();
        var steps = new long[target.Rank];
        for (var axis = 0; axis < target.Rank; axis++)
        {
            var own = axis - (target.Rank - source.Rank);
            steps[axis] = own < 0 || source[own] == 1 ? 0 : strides[own];
        }
        var coordinates = new long[target.Rank];
        long place = 0;
        for (var i = 0; i < map.Length; i++)
        {
            map[i] = (int)place;
            for (var axis = target.Rank - 1; axis >= 0; axis--)
            {
                place += steps[axis];
                if (++coordinates[axis] < target[axis]) break;
                place -= steps[axis] * target[axis];
                coordinates[axis] = 0;
            }
        }
        return map;
    }

    /// <summary>The common shape of several, or null when they do not fit.</summary>
    internal static Shape? Common(IEnumerable<Shape> shapes)
    {
        Shape? common = Shape.Scalar;
        foreach (var shape in shapes)
        {
            common = Shape.Broadcast(common, shape);
            if (common is null) return null;
        }
        return common;
    }
}
