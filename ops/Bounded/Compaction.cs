using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Bounded;

/// <summary>Writes the calls that list elements in their order, for operators whose results are as long as data say.</summary>
internal static class Compaction
{
    private const int Chunk = 64;

    /// <summary>Lists the elements that are not zero.</summary>
    /// <param name="context">The node.</param>
    /// <param name="source">The elements.</param>
    /// <param name="items">How many of them are looked at.</param>
    /// <param name="total">Receives how many there are: one whole number.</param>
    /// <returns>Their places, -1 behind the last.</returns>
    internal static DeviceTensor Places(LoweringContext context, DeviceTensor source, long items, DeviceTensor total)
    {
        var chunks = (items + Chunk - 1) / Chunk;
        var counts = context.Workspace("counts", new TensorType(DataType.Int32, new Shape(chunks)));
        var places = context.Workspace("places", new TensorType(DataType.Int32, new Shape(items)));
        var whole = source.Type.DataType.IsFloat() ? 0 : 1;
        context.Dispatch(context.Choose(BoundedCount.Family.Variants, source))
            .Parameters(checked(new BoundedCount.Parameters { Items = (int)items, Chunks = (int)chunks }))
            .Constant(BoundedCount.Constants.Whole, whole)
            .Bind(BoundedCount.Bindings.Source, source)
            .Bind(BoundedCount.Bindings.Counts, counts)
            .Cost(0, source.Bytes)
            .RunLinear(chunks, 64);
        var offsets = Sums(context, counts, chunks, total);
        context.Fill(places, uint.MaxValue);
        context.Dispatch(context.Choose(BoundedPlaces.Family.Variants, source, offsets))
            .Parameters(checked(new BoundedPlaces.Parameters { Items = (int)items, Chunks = (int)chunks }))
            .Constant(BoundedPlaces.Constants.Whole, whole)
            .Bind(BoundedPlaces.Bindings.Source, source)
            .Bind(BoundedPlaces.Bindings.Offsets, offsets)
            .Bind(BoundedPlaces.Bindings.Places, places)
            .Cost(0, (double)source.Bytes + places.Bytes)
            .RunLinear(chunks, 64);
        return places;
    }

    /// <summary>Running sums of counts, each without its own, and their total.</summary>
    internal static DeviceTensor Sums(LoweringContext context, DeviceTensor counts, long items, DeviceTensor total)
    {
        var offsets = context.Workspace("offsets", counts.Type);
        context.Dispatch(context.Choose(BoundedScan.Family.Variants, counts))
            .Parameters(new BoundedScan.Parameters { Items = checked((int)items) })
            .Bind(BoundedScan.Bindings.Counts, counts)
            .Bind(BoundedScan.Bindings.Offsets, offsets)
            .Bind(BoundedScan.Bindings.Total, total)
            .Cost(0, 3.0 * counts.Bytes)
            .Run(1);
        return offsets;
    }

    /// <summary>Takes the slices listed, along one axis; zeros where none is listed.</summary>
    internal static void Take(LoweringContext context, DeviceTensor source, DeviceTensor places, DeviceTensor result, long extent, long inner)
    {
        if (result.Shape.ElementCount == 0) return;
        context.Dispatch(context.Choose(BoundedTake.Family.Variants, source, places))
            .Parameters(checked(new BoundedTake.Parameters { Count = (int)result.Shape.ElementCount, Extent = (int)extent, Items = (int)places.Shape.ElementCount, Inner = (int)inner }))
            .Bind(BoundedTake.Bindings.Source, source)
            .Bind(BoundedTake.Bindings.Places, places)
            .Bind(BoundedTake.Bindings.Result, result)
            .Cost(0, 2.0 * result.Bytes)
            .RunLinear(result.Shape.ElementCount, 64);
    }

    /// <summary>The type of a count.</summary>
    internal static TensorType CountType { get; } = new(DataType.Int64, new Shape(1));
}
