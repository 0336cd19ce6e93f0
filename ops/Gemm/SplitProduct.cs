using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <summary>
/// Products of few results and long sums, in two stages: the depth is cut into parts of equal length that are products of their own, and
/// the parts are added up in their order, so that the result does not depend on timing.
/// </summary>
internal static class SplitProduct
{
    private const string Name = "split";
    private const int GroupSize = 64;

    // Parts shorter than this are not worth storing and adding up.
    private const long ShortestPart = 256;

    // Multiply-adds that a second call takes the time of, on a CPU driver (30 us).
    private const double CallWork = 3e6;

    // Invocations that occupy a graphics processor.
    private const long Busy = 32768;

    /// <summary>The variants worth comparing with an undivided product.</summary>
    public static IEnumerable<string> Candidates => [$"{Name}2", $"{Name}4"];

    /// <summary>Into how many parts the depth is best cut; 1 for none.</summary>
    public static long PartsOf(LoweringContext context, MatrixProduct product)
    {
        if (product.BatchSizes[0] != 1) return 1;
        if (context.Variant is { } forced && forced.StartsWith(Name, StringComparison.Ordinal))
            return long.TryParse(forced.AsSpan(Name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted is >= 2 and <= 64 && CanSplit(product, wanted) ? wanted : 1;
        if (product.Depth < 2 * ShortestPart) return 1;
        return context.Profile.IsSoftware ? ForThreads(context.Profile, product) : ForInvocations(product);
    }

    /// <summary>Writes the calls.</summary>
    public static void Lower(LoweringContext context, MatrixProduct product, long parts)
    {
        var (depth, stored) = (product.Depth / parts, product.StoredColumns ?? product.Columns);
        var columns = MatrixProductLowering.Quotient(stored, 4) * 4;
        var partial = context.Workspace("parts", TensorType.Float(parts, product.Count, product.Rows, columns));
        MatrixProductLowering.LowerUndivided(context, product with
        {
            Depth = depth, BatchSizes = [parts, .. product.BatchSizes[1..]],
            Left = product.Left with { BatchStrides = [depth * product.Left.ColumnStride, .. product.Left.BatchStrides[1..]] },
            Right = product.Right with { BatchStrides = [depth * product.Right.RowStride, .. product.Right.BatchStrides[1..]] },
            Result = partial, ResultRowElements = columns, ResultBatchElements = product.Rows * columns, StoredColumns = columns,
            RowGroups = 1, OperandBatchColumns = 0, Program = PointwiseProgram.Identity, Operands = [],
        });
        context.Dispatch(context.Choose(GemmJoin.Family.Variants, [partial, .. product.Operands.Select(o => o.Tensor)]))
            .Parameters(checked(new GemmJoin.Parameters
            {
                Batch = (int)product.Count, Rows = (int)product.Rows, Columns = (int)product.Columns, StoredColumns = (int)stored, Splits = (int)parts,
                ResultRowElements = (int)product.ResultRowElements, ResultBatchElements = (int)product.ResultBatchElements, RowGroups = (int)product.RowGroups,
                OperandBatchColumns = (int)product.OperandBatchColumns,
            }))
            .Bind(GemmJoin.Bindings.Parts, partial)
            .Bind(GemmJoin.Bindings.Result, product.Result)
            .Constant(GemmJoin.Constants.Aligned, product.IsAligned ? 1 : 0)
            .Epilogue(product.Program, product.Operands)
            .Cost((double)partial.Shape.ElementCount, partial.Bytes + product.Result.Bytes)
            .RunLinear(product.Count * product.Rows * columns / 4, GroupSize);
    }

    // Parts begin on whole blocks of depth.
    private static bool CanSplit(MatrixProduct product, long parts) => product.Depth % (8 * parts) == 0;

    // A CPU driver gives each of a few threads an equal share of the workgroups; a single tile would leave the others idle.
    private static long ForThreads(DeviceProfile profile, MatrixProduct product)
    {
        var tiles = PackedTiles.Of(profile);
        if (tiles.Count == 0) return 1;
        var whole = Work(1);
        return new long[] { 2, 4 }.Where(parts => CanSplit(product, parts) && product.Depth / parts >= ShortestPart && Work(parts) < whole).DefaultIfEmpty(1).MinBy(Work);

        double Work(long parts)
        {
            var tile = PackedTiles.Choose(tiles, null, product.Rows, product.Columns, product.Count * parts);
            var depth = product.Depth / parts + PackedTiles.StoreDepth;
            return PackedTiles.Work(tile, product.Rows, product.Columns, product.Count * parts) * depth + (parts == 1 ? 0 : CallWork + PackedTiles.StoreDepth * (double)product.Count * product.Rows * product.Columns);
        }
    }

    private static long ForInvocations(MatrixProduct product)
    {
        var invocations = product.Count * MatrixProductLowering.Quotient(product.Rows, 4) * MatrixProductLowering.Quotient(product.Columns, 4);
        return new long[] { 16, 8, 4, 2 }.FirstOrDefault(parts => CanSplit(product, parts) && product.Depth / parts >= ShortestPart && invocations * parts <= Busy, 1);
    }
}
