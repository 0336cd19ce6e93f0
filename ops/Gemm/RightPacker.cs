using VkNet.Compilation;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Gemm;

/// <summary>Writes the calls that pack right matrices into panels.</summary>
internal static class RightPacker
{
    /// <summary>Packs; a result larger than one storage buffer may be is written in several calls, panel by panel.</summary>
    /// <param name="context">The node.</param>
    /// <param name="product">The product whose right matrices are packed.</param>
    /// <param name="operand">The right matrices.</param>
    /// <param name="sizes">The distinct matrices, as four axes.</param>
    /// <param name="panelColumns">Columns of a panel.</param>
    /// <param name="halves">Whether elements are stored in half precision.</param>
    /// <param name="result">Takes the panels.</param>
    public static void Write(LoweringContext context, MatrixProduct product, MatrixOperand operand, long[] sizes, long panelColumns, bool halves, DeviceTensor result)
    {
        var panels = MatrixProductLowering.Quotient(product.Columns, panelColumns);
        var panelElements = MatrixProductLowering.Quotient(product.Depth, 8) * 8 * panelColumns;
        var panelBytes = panelElements * DeviceTensor.ElementBytes / (halves ? 2 : 1);
        // Panels of at least 8 x 4 columns make any even number of them end at a multiple of 256 bytes.
        var atOnce = sizes.All(s => s == 1) ? Math.Max(2, context.Profile.MaxStorageBufferRange / panelBytes / 2 * 2) : panels;
        for (long first = 0; first < panels; first += atOnce)
        {
            var count = Math.Min(atOnce, panels - first);
            var columns = Math.Min(count * panelColumns, product.Columns - first * panelColumns);
            var parameters = checked(new GemmPackRight.Parameters
            {
                Columns = (int)columns, Taps = 1, Channels = (int)product.Depth, PanelColumns = (int)panelColumns,
                Start = (int)(first * panelColumns * operand.ColumnStride), ChannelStride = (int)operand.RowStride, ColumnStride = (int)operand.ColumnStride,
            });
            MatrixProductLowering.Set(ref parameters.BatchSizes, sizes);
            MatrixProductLowering.Set(ref parameters.BatchStrides, operand.BatchStrides);
            var matrices = sizes.Aggregate(1L, (a, b) => a * b);
            context.Dispatch(context.Choose(GemmPackRight.Family.Variants, operand.Tensor))
                .Parameters(parameters)
                .Bind(GemmPackRight.Bindings.Source, operand.Tensor)
                .Bind(GemmPackRight.Bindings.Result, new TensorSlice(result.Buffer, result.Offset + first * panelBytes, matrices * count * panelBytes))
                .Constant(GemmPackRight.Constants.Access, (long)operand.Access)
                .Constant(GemmPackRight.Constants.Half, halves ? 1 : 0)
                .Cost(0, matrices * count * (4.0 * panelElements + panelBytes))
                .RunLinear(matrices * count * panelElements / 16, 64);
        }
    }
}
