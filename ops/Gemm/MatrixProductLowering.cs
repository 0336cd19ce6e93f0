using VkNet.Compilation;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <summary>Writes the calls of matrix products: chooses between the packed kernels and the strided one, and packs what is to be packed.</summary>
internal static class MatrixProductLowering
{
    private const int GroupSize = 64;

    // Packing a right matrix that is not constant costs a call and a pass over it. Tiles that read it as it lies (gemm/direct) are as fast
    // until its rows or columns lie so far apart that they share sets of a cache; without such tiles it pays sooner.
    private const double WorthPackingVariable = 3e8;
    private const double WorthPackingWithoutDirectTiles = 8e6;
    private const double WorthPackingConstant = 1e5;
    private const long FewRows = 16;

    // From this size on, along every axis, tiles in shared memory are worth their barriers on a graphics processor.
    private const long WorthSharing = 64;

    // Plain rows are read about a tenth slower than packed ones; a pass to pack them pays for large products only.
    private const double WorthPackingLeft = 1e9;

    /// <summary>The name by which tiles in shared memory (gemm/shared) are asked for.</summary>
    internal const string SharedTiles = "shared";

    /// <summary>Writes the calls.</summary>
    public static void Lower(LoweringContext context, MatrixProduct product)
    {
        if (product.Count == 0 || product.Rows == 0 || product.Columns == 0) return;
        if (SplitProduct.PartsOf(context, product) is > 1 and var parts) SplitProduct.Lower(context, product, parts);
        else LowerUndivided(context, product);
    }

    /// <summary>Writes the calls of a product whose sums are formed in one piece.</summary>
    internal static void LowerUndivided(LoweringContext context, MatrixProduct product)
    {
        if (ChoosePacked(context, product) is { } kernel) LowerPacked(context, product, kernel);
        else LowerStrided(context, product);
    }

    private static KernelDescriptor? ChoosePacked(LoweringContext context, MatrixProduct product)
    {
        var right = product.Right.Tensor;
        var worth = right.IsConstant ? WorthPackingConstant : DirectTiles.Of(context.Profile).Count > 0 ? WorthPackingVariable : WorthPackingWithoutDirectTiles;
        if (product.Depth == 0 || (product.Flops * product.RightUses < worth && !IsForcedPacked(context.Variant))) return null;
        if (!right.IsConstant && product.Rows * product.RightUses < FewRows) return null;
        var forced = context.Variant;
        if (forced is null && context.Options.Precision == StoragePrecision.Float32 && DirectTiles.BeatPacked(context.Profile, product)) return null;
        var tiles = PackedTiles.Of(context.Profile);
        if (tiles.Count == 0 || (forced is not null && (forced == SharedTiles || GemmStrided.Family.Find(forced) is not null || GemmDirect.Family.Find(forced) is not null || GemmDots.Family.Find(forced) is not null))) return null;
        // Padding to whole panels is at most doubled; texels must suffice for the largest tensor.
        var largest = Math.Max(product.Left.Tensor.Bytes, PackedRightElements(product, 4 * tiles.Max(PackedTiles.LanesOf)) * DeviceTensor.ElementBytes);
        foreach (var operand in product.Operands) largest = Math.Max(largest, operand.Tensor.Bytes);
        if (largest / 16 > context.Profile.MaxTexelBufferElements) return null;
        return PackedTiles.Choose(tiles, forced, product.Rows, product.Columns, product.Count);
    }

    private static bool IsForcedPacked(string? forced) => forced is not null && GemmPacked.Family.Find(forced) is not null;

    private static void LowerPacked(LoweringContext context, MatrixProduct product, KernelDescriptor kernel)
    {
        var lanes = PackedTiles.LanesOf(kernel);
        var blocks = Quotient(product.Depth, 8);
        var halves = context.Options.Precision == StoragePrecision.Float16 && product.Right.Tensor.IsConstant;
        if (halves) kernel = PackedTiles.ReadingHalves(kernel);
        var (right, rightStrides) = PackRight(context, product, lanes, halves);
        var isPlain = product.Left.ColumnStride == 1 && product.Left.RowStride % 4 == 0 && product.Depth % 4 == 0 && product.Left.StartsOnTexels
            && (product.Left.Tensor.IsConstant ? product.Rows < FewRows : product.Flops < WorthPackingLeft);
        var (left, leftStrides) = isPlain ? (product.Left.Tensor, product.Left.BatchStrides.Select(s => s / 4).ToArray()) : PackLeft(context, product, lanes);
        var parameters = checked(new GemmPacked.Parameters
        {
            Rows = (int)product.Rows, Columns = (int)product.Columns, StoredColumns = (int)(product.StoredColumns ?? product.Columns), DepthBlocks = (int)blocks,
            LeftRowTexels = isPlain ? (int)(product.Left.RowStride / 4) : 0, LeftDepthTexels = isPlain ? (int)(product.Depth / 4) : (int)(2 * blocks),
            ResultRowElements = (int)product.ResultRowElements, ResultBatchElements = (int)product.ResultBatchElements, RowGroups = (int)product.RowGroups, OperandBatchColumns = (int)product.OperandBatchColumns,
        });
        Set(ref parameters.BatchSizes, product.BatchSizes);
        Set(ref parameters.LeftBatchTexels, leftStrides);
        Set(ref parameters.RightBatchTexels, rightStrides);
        var tiles = Quotient(product.Rows, kernel.Defines["Rows"]) * Quotient(Quotient(product.Columns, 4 * lanes), kernel.Defines["Panels"]);
        context.Dispatch(kernel)
            .Parameters(parameters)
            .Bind(GemmPacked.Bindings.Left, left)
            .Bind(GemmPacked.Bindings.Right, right)
            .Bind(GemmPacked.Bindings.Result, product.Result)
            .Constant(GemmPacked.Constants.Aligned, product.IsAligned ? 1 : 0)
            .Epilogue(product.Program, product.Operands)
            .Cost(product.Flops, product.Left.Tensor.Bytes + product.Right.Tensor.Bytes / (halves ? 2 : 1) + product.Result.Bytes)
            .RunLinear(product.Count * tiles, 1);
    }

    private static void LowerStrided(LoweringContext context, MatrixProduct product)
    {
        var stored = product.StoredColumns ?? product.Columns;
        var parameters = checked(new GemmStrided.Parameters
        {
            Rows = (int)product.Rows, Columns = (int)product.Columns, StoredColumns = (int)stored, Depth = (int)product.Depth,
            LeftRowStride = (int)product.Left.RowStride, LeftDepthStride = (int)product.Left.ColumnStride,
            RightDepthStride = (int)product.Right.RowStride, RightColumnStride = (int)product.Right.ColumnStride,
            ResultRowElements = (int)product.ResultRowElements, ResultBatchElements = (int)product.ResultBatchElements, RowGroups = (int)product.RowGroups, OperandBatchColumns = (int)product.OperandBatchColumns,
        });
        Set(ref parameters.BatchSizes, product.BatchSizes);
        Set(ref parameters.LeftBatchStrides, product.Left.BatchStrides);
        Set(ref parameters.RightBatchStrides, product.Right.BatchStrides);
        DeviceTensor[] texels = [product.Left.Tensor, product.Right.Tensor, .. product.Operands.Select(o => o.Tensor)];
        // gemm/shared, gemm/direct and gemm/dots have the parameters, the constants and the bindings of gemm/strided.
        var direct = DirectTiles.Choose(context.Profile, context.Variant, product);
        var shared = UsesSharedTiles(context, product);
        var kernel = shared ? GemmShared.Family.Variants[0] : context.Choose(direct is null ? GemmStrided.Family.Variants : [direct, .. GemmStrided.Family.Variants], texels);
        var (invocations, groupSize) = shared ? (product.Count * Quotient(product.Rows, GemmShared.Defines.Tile(kernel)) * Quotient(stored, GemmShared.Defines.Tile(kernel)), 1)
            : kernel == direct ? (DirectTiles.Workgroups(kernel, product), 1)
            : (product.Count * Quotient(product.Rows, 4) * Quotient(stored, 4), GroupSize);
        context.Dispatch(kernel)
            .Parameters(parameters)
            .Bind(GemmStrided.Bindings.Left, product.Left.Tensor)
            .Bind(GemmStrided.Bindings.Right, product.Right.Tensor)
            .Bind(GemmStrided.Bindings.Result, product.Result)
            .Constant(GemmStrided.Constants.LeftAccess, (long)product.Left.Access)
            .Constant(GemmStrided.Constants.RightAccess, (long)product.Right.Access)
            .Constant(GemmStrided.Constants.Aligned, product.IsAligned ? 1 : 0)
            .Epilogue(product.Program, product.Operands)
            .Cost(product.Flops, product.Left.Tensor.Bytes + product.Right.Tensor.Bytes + product.Result.Bytes)
            .RunLinear(invocations, groupSize);
    }

    private static bool UsesSharedTiles(LoweringContext context, MatrixProduct product)
    {
        if (context.Profile.WhyNot(GemmShared.Family.Variants[0]) is not null) return false;
        if (context.Variant is { } forced) return forced == SharedTiles;
        return !context.Profile.IsSoftware && Math.Min(product.Depth, Math.Min(product.Rows, product.Columns)) >= WorthSharing;
    }

    // Only matrices that differ are packed: an axis of the batch along which one is shared counts once.
    private static (DeviceTensor Packed, long[] Strides) PackRight(LoweringContext context, MatrixProduct product, int lanes, bool halves)
    {
        var texelElements = halves ? 8 : 4;
        var panelColumns = 4 * lanes;
        var operand = product.Right;
        var (sizes, strides) = Distinct(product.BatchSizes, operand.BatchStrides, PackedDepth(product) * Quotient(product.Columns, panelColumns) * panelColumns / texelElements);
        var format = $"right {product.Depth}x{product.Columns} by {operand.RowStride},{operand.ColumnStride} of {Text(sizes)} by {Text(operand.BatchStrides)} in {panelColumns}{(halves ? " as halves" : "")}";
        var packed = context.Packed(operand.Tensor, format, TensorType.Float(PackedRightElements(product, panelColumns) * 4 / texelElements), result => RightPacker.Write(context, product, operand, sizes, panelColumns, halves, result));
        return (packed, strides);
    }

    private static (DeviceTensor Packed, long[] Strides) PackLeft(LoweringContext context, MatrixProduct product, int lanes)
    {
        var operand = product.Left;
        var rows = Quotient(product.Rows, lanes) * lanes;
        var (sizes, strides) = Distinct(product.BatchSizes, operand.BatchStrides, rows * PackedDepth(product) / 4);
        var count = sizes.Aggregate(1L, (a, b) => a * b);
        var format = $"left {product.Rows}x{product.Depth} by {operand.RowStride},{operand.ColumnStride} of {Text(sizes)} by {Text(operand.BatchStrides)} in {lanes}";
        var packed = context.Packed(operand.Tensor, format, TensorType.Float(count * rows * PackedDepth(product)), result =>
        {
            var parameters = checked(new GemmPackLeft.Parameters { Rows = (int)product.Rows, Depth = (int)product.Depth, RowStride = (int)operand.RowStride, DepthStride = (int)operand.ColumnStride, Lanes = lanes });
            Set(ref parameters.BatchSizes, sizes);
            Set(ref parameters.BatchStrides, operand.BatchStrides);
            context.Dispatch(context.Choose(GemmPackLeft.Family.Variants, operand.Tensor))
                .Parameters(parameters)
                .Bind(GemmPackLeft.Bindings.Source, operand.Tensor)
                .Bind(GemmPackLeft.Bindings.Result, result)
                .Constant(GemmPackLeft.Constants.Access, (long)operand.Access)
                .Cost(0, operand.Tensor.Bytes + result.Bytes)
                .RunLinear(result.Shape.ElementCount / 16, GroupSize);
        });
        return (packed, strides);
    }

    private static long PackedRightElements(MatrixProduct product, long panelColumns)
    {
        var count = product.BatchSizes.Zip(product.Right.BatchStrides, (size, stride) => stride == 0 ? 1 : size).Aggregate(1L, (a, b) => checked(a * b));
        return checked(count * PackedDepth(product) * Quotient(product.Columns, panelColumns) * panelColumns);
    }

    private static (long[] Sizes, long[] Strides) Distinct(long[] batchSizes, long[] operandStrides, long matrixTexels)
    {
        var (sizes, strides) = (new long[4], new long[4]);
        var stride = matrixTexels;
        for (var i = 3; i >= 0; i--)
        {
            sizes[i] = operandStrides[i] == 0 ? 1 : batchSizes[i];
            strides[i] = sizes[i] == 1 ? 0 : stride;
            stride = checked(stride * sizes[i]);
        }
        return (sizes, strides);
    }

    private static long PackedDepth(MatrixProduct product) => Quotient(product.Depth, 8) * 8;

    private static string Text(long[] values) => string.Join("x", values);

    /// <summary>Stores four numbers in a parameter block.</summary>
    internal static void Set(ref IntArray4 target, long[] values)
    {
        for (var i = 0; i < 4; i++) target[i] = checked((int)values[i]);
    }

    /// <summary>a / b, rounded up.</summary>
    internal static long Quotient(long a, long b) => (a + b - 1) / b;
}
