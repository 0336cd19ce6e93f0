using VkNet.Compilation;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Gemm;

/// <summary>Writes the call of a product of whole numbers.</summary>
internal static class WholeProduct
{
    /// <summary>Writes the call; such a product has no program.</summary>
    public static void Lower(LoweringContext context, MatrixProduct product)
    {
        if (product.Depth == 0)
        {
            // Nothing is summed, and operands without elements were never written.
            context.Fill(product.Result);
            return;
        }
        var parameters = checked(new GemmWhole.Parameters
        {
            Rows = (int)product.Rows, Columns = (int)product.Columns, Depth = (int)product.Depth,
            LeftRowStride = (int)product.Left.RowStride, LeftDepthStride = (int)product.Left.ColumnStride,
            RightDepthStride = (int)product.Right.RowStride, RightColumnStride = (int)product.Right.ColumnStride,
        });
        MatrixProductLowering.Set(ref parameters.BatchSizes, product.BatchSizes);
        MatrixProductLowering.Set(ref parameters.LeftBatchStrides, product.Left.BatchStrides);
        MatrixProductLowering.Set(ref parameters.RightBatchStrides, product.Right.BatchStrides);
        context.Dispatch(context.Choose(GemmWhole.Family.Variants, product.Left.Tensor, product.Right.Tensor))
            .Parameters(parameters)
            .Bind(GemmWhole.Bindings.Left, product.Left.Tensor)
            .Bind(GemmWhole.Bindings.Right, product.Right.Tensor)
            .Bind(GemmWhole.Bindings.Result, product.Result)
            .Constant(GemmWhole.Constants.LeftAccess, (long)product.Left.Access)
            .Constant(GemmWhole.Constants.RightAccess, (long)product.Right.Access)
            .Constant(GemmWhole.Constants.Aligned, product.Columns % 4 == 0 ? 1 : 0)
            .Cost(product.Flops, product.Left.Tensor.Bytes + product.Right.Tensor.Bytes + product.Result.Bytes)
            .RunLinear(product.Count * ((product.Rows + 3) / 4) * ((product.Columns + 3) / 4), 64);
    }
}
