using VkNet.Compilation;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Selection;

/// <summary>Writes the calls of the kernels that take from, and put to, places that come from data.</summary>
internal static class IndexKernels
{
    private const int GroupSize = 64;

    // What keeps a device busy: indices are gone through by as many invocations as it takes to reach this number.
    private const long BusySoftware = 256;
    private const long BusyHardware = 8192;

    /// <summary>Which index belongs to which element.</summary>
    public enum Sharing
    {
        /// <summary>One index for every place along the axis.</summary>
        All,

        /// <summary>One for every outer number and place along the axis.</summary>
        PerOuter,

        /// <summary>One for every element.</summary>
        PerElement,
    }

    /// <summary>target[o, k, i] = source[o, index, i].</summary>
    /// <param name="context">The node.</param>
    /// <param name="source">[outer, extent, inner].</param>
    /// <param name="indices">Whole numbers.</param>
    /// <param name="target">[outer, taken, inner].</param>
    /// <param name="rows">The source's sizes.</param>
    /// <param name="taken">The target's size along the axis.</param>
    /// <param name="sharing">Which index belongs to which element.</param>
    public static void Gather(LoweringContext context, DeviceTensor source, DeviceTensor indices, DeviceTensor target, AxisRows rows, long taken, Sharing sharing)
    {
        var elements = rows.Outer * taken * rows.Inner;
        if (elements == 0) return;
        var vectors = sharing != Sharing.PerElement && rows.Inner % 4 == 0;
        var width = vectors ? 4 : 1;
        context.Dispatch(context.Choose(IndexingGather.Family.Variants, source, indices))
            .Parameters(checked(new IndexingGather.Parameters { Count = (int)(elements / width), Extent = (int)rows.Extent, Taken = (int)taken, Inner = (int)(rows.Inner / width), IndexStride = sharing == Sharing.PerOuter ? (int)taken : 0 }))
            .Constant(IndexingGather.Constants.Vectors, vectors ? 1 : 0)
            .Constant(IndexingGather.Constants.PerElement, sharing == Sharing.PerElement ? 1 : 0)
            .Bind(IndexingGather.Bindings.Source, source)
            .Bind(IndexingGather.Bindings.Indices, indices)
            .Bind(IndexingGather.Bindings.Target, target)
            .Cost(0, 2.0 * target.Bytes + indices.Bytes)
            .RunLinear((elements + 3) / 4, GroupSize);
    }

    /// <summary>Tuples of indices as one number each.</summary>
    /// <param name="context">The node.</param>
    /// <param name="tuples">[count, extents].</param>
    /// <param name="count">Number of tuples.</param>
    /// <param name="extents">The axes' sizes.</param>
    public static DeviceTensor LinearIndices(LoweringContext context, DeviceTensor tuples, long count, ReadOnlySpan<long> extents)
    {
        var places = context.Workspace("places", new TensorType(DataType.Int32, [count]));
        var parameters = checked(new IndexingLinearIndex.Parameters { Count = (int)count, Depth = extents.Length });
        for (var d = 0; d < extents.Length; d++) parameters.Extents[d] = checked((int)extents[d]);
        context.Dispatch(IndexingLinearIndex.Variants.Baseline)
            .Parameters(parameters)
            .Bind(IndexingLinearIndex.Bindings.Tuples, tuples)
            .Bind(IndexingLinearIndex.Bindings.Places, places)
            .Cost(0, tuples.Bytes + places.Bytes)
            .RunLinear(count, GroupSize);
        return places;
    }

    /// <summary>target[o, index, i] = target[o, index, i] (combined with) updates[o, j, i], for all j in their order.</summary>
    /// <param name="context">The node.</param>
    /// <param name="indices">Whole numbers.</param>
    /// <param name="updates">[outer, count, inner].</param>
    /// <param name="target">[outer, extent, inner].</param>
    /// <param name="rows">The target's sizes.</param>
    /// <param name="count">The updates' size along the axis.</param>
    /// <param name="sharing">Which index belongs to which element.</param>
    /// <param name="combine">What an update does to the element that it meets.</param>
    public static void Scatter(LoweringContext context, DeviceTensor indices, DeviceTensor updates, DeviceTensor target, AxisRows rows, long count, Sharing sharing, ScatterCombine combine)
    {
        if (rows.Count * rows.Extent * count == 0) return;
        var vectors = sharing != Sharing.PerElement && rows.Inner % 4 == 0;
        var columns = rows.Inner / (vectors ? 4 : 1);
        var busy = context.Profile.IsSoftware ? BusySoftware : BusyHardware;
        var partitions = Math.Clamp(busy / (columns * rows.Outer), 1, rows.Extent);
        var items = columns * partitions * rows.Outer;
        var whole = !target.Type.DataType.IsFloat();
        context.Dispatch(context.Choose(IndexingScatter.Family.Variants.Where(v => v.Variant == "whole" == whole), indices, updates))
            .Parameters(checked(new IndexingScatter.Parameters
            {
                Items = (int)items, Columns = (int)columns, Partitions = (int)partitions, Count = (int)count, Extent = (int)rows.Extent, IndexStride = sharing == Sharing.PerOuter ? (int)count : 0,
            }))
            .Constant(IndexingScatter.Constants.Vectors, vectors ? 1 : 0)
            .Constant(IndexingScatter.Constants.Shared, sharing == Sharing.PerElement ? 0 : 1)
            .Constant(IndexingScatter.Constants.CombineUpdates, (long)combine)
            .Bind(IndexingScatter.Bindings.Indices, indices)
            .Bind(IndexingScatter.Bindings.Updates, updates)
            .Bind(IndexingScatter.Bindings.Target, target)
            .Cost(updates.Shape.ElementCount, 3.0 * updates.Bytes)
            .RunLinear(items, GroupSize);
    }
}
