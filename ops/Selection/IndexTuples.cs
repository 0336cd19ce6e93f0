using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Selection;

/// <summary>How tuples of indices point into a tensor: [batch axes, axes indexed, axes behind].</summary>
/// <param name="Batch">Sizes of the batch axes, multiplied.</param>
/// <param name="Count">Number of tuples in all.</param>
/// <param name="Extents">Sizes of the axes indexed.</param>
/// <param name="Inner">Elements behind the axes indexed.</param>
/// <param name="Result">The shape of what is taken, or of the updates.</param>
internal sealed record IndexTuples(long Batch, long Count, long[] Extents, long Inner, Shape Result)
{
    /// <summary>Tuples of a batch entry.</summary>
    public long PerBatch => Batch == 0 ? 0 : Count / Batch;

    /// <summary>The tensor as rows along all axes indexed.</summary>
    public AxisRows Rows => new(Batch, Extents.Aggregate(1L, (a, b) => a * b), Inner);

    /// <summary>Reads shapes that fit each other.</summary>
    public static IndexTuples Of(Shape data, Shape indices, long batchDimensions)
    {
        var (batch, depth) = ((int)batchDimensions, (int)indices[-1]);
        return new IndexTuples(data.Product(0, batch), indices.Product(0, indices.Rank - 1), data.AsSpan().Slice(batch, depth).ToArray(), data.Product(batch + depth, data.Rank),
            new Shape([.. indices.Take(indices.Rank - 1), .. data.Skip(batch + depth)]));
    }

    /// <summary>The same, with all checks of a shape rule.</summary>
    public static IndexTuples Of(InferenceContext context, int data, int indices, long batchDimensions)
    {
        var (shape, tuples) = (context.ShapeOf(data), IndexRules.WholeNumbers(context, indices).Shape);
        if (tuples.Rank == 0 || batchDimensions >= tuples.Rank || batchDimensions + tuples[-1] > shape.Rank)
            context.Fail("VKN2264", $"tuples of indices {tuples} behind {batchDimensions} batch axes do not fit data of shape {shape}", "the last axis of the indices says how many axes a tuple indexes");
        var batch = (int)batchDimensions;
        if (shape.Slice(0, batch) != tuples.Slice(0, batch)) context.Fail("VKN2264", $"the first {batch} axes of indices {tuples} and data {shape} differ", "batch axes are shared");
        var result = Of(shape, tuples, batchDimensions);
        IndexRules.RequireElements(context, context.Input(data), result.Rows.Extent, result.Count);
        return result;
    }

    /// <summary>For every element taken, its number in the tensor.</summary>
    public long[] Elements(long[] indices)
    {
        var (result, rows, depth) = (new long[Count * Inner], Rows, Extents.Length);
        for (var tuple = 0L; tuple < Count; tuple++)
        {
            var first = (tuple / PerBatch * rows.Extent + Places.Linear(indices.AsSpan((int)(tuple * depth), depth), Extents)) * Inner;
            for (var i = 0L; i < Inner; i++) result[tuple * Inner + i] = first + i;
        }
        return result;
    }
}
