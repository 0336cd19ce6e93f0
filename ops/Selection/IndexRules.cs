using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Selection;

/// <summary>What the shape rules of indexing operators share.</summary>
internal static class IndexRules
{
    /// <summary>Resolves the axis that is indexed.</summary>
    public static int Axis(InferenceContext context, Shape shape, long axis)
    {
        if (shape.Rank == 0) context.Fail("VKN2260", "a scalar has no axis to index");
        return context.Axis(axis, shape.Rank);
    }

    /// <summary>Refuses an input that does not hold whole numbers.</summary>
    public static TensorType WholeNumbers(InferenceContext context, int input)
    {
        var type = context.Input(input);
        if (!type.DataType.IsInteger()) context.Fail("VKN2122", $"input '{context.Operator.InputName(input)}' is {type}, but whole numbers are needed", "insert a cast");
        return type;
    }

    /// <summary>Refuses indices into axes without elements.</summary>
    public static void RequireElements(InferenceContext context, TensorType type, long extent, long indices)
    {
        if (extent == 0 && indices > 0) context.Fail("VKN2261", $"{indices} indices are given, but there is nothing to index in {type}");
    }

    /// <summary>Refuses indices that are not of the data's rank, or reach beyond it off the axis.</summary>
    public static void RequireWithin(InferenceContext context, Shape data, Shape indices, int axis)
    {
        if (indices.Rank == data.Rank && !indices.Where((size, a) => a != axis && size > data[a]).Any()) return;
        context.Fail("VKN2262", $"indices of shape {indices} do not fit data of shape {data} along axis {axis}", "both must have one rank, and off the axis no size of the indices may be larger than the data's");
    }

    /// <summary>For indices of one per element: where each points to.</summary>
    /// <param name="data">The shape pointed into.</param>
    /// <param name="indices">The shape of the indices.</param>
    /// <param name="axis">The axis indexed.</param>
    /// <param name="values">The indices.</param>
    public static long[] ElementPlaces(Shape data, Shape indices, int axis, long[] values)
    {
        var (strides, own) = (data.Strides(), indices.Strides());
        var places = new long[values.Length];
        for (var i = 0L; i < places.Length; i++)
        {
            var place = Places.OnAxis(values[i], data[axis]) * strides[axis];
            for (var a = 0; a < indices.Rank; a++)
                if (a != axis) place += i / own[a] % indices[a] * strides[a];
            places[i] = place;
        }
        return places;
    }

    /// <summary>The sizes of the part of the data that indices reach: all of the axis indexed, as much as the indices have of the others.</summary>
    public static Shape Reached(Shape data, Shape indices, int axis) => indices.With(axis, data[axis]);
}
