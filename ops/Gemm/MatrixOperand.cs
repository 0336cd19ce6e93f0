using VkNet.Compilation;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Gemm;

/// <summary>
/// A matrix, or a batch of them, as it lies in a tensor: element (row, column) of batch place b is at sum(b[i] * BatchStrides[i]) +
/// row * RowStride + column * ColumnStride, all in elements.
/// </summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="RowStride">From one row to the next.</param>
/// <param name="ColumnStride">From one column to the next.</param>
/// <param name="BatchStrides">Along the four axes of the batch, outermost first; 0 where a matrix is shared.</param>
internal sealed record MatrixOperand(DeviceTensor Tensor, long RowStride, long ColumnStride, long[] BatchStrides)
{
    /// <summary>The same matrices with rows and columns exchanged.</summary>
    public MatrixOperand Transposed => this with { RowStride = ColumnStride, ColumnStride = RowStride };

    /// <summary>Whether every matrix begins at a multiple of four elements.</summary>
    public bool StartsOnTexels => BatchStrides.All(s => s % 4 == 0);

    /// <summary>How kernels may read 4 x 4 elements, rows being their axis a and columns their axis b.</summary>
    public BlockAccess Access =>
        ColumnStride == 1 && RowStride % 4 == 0 && StartsOnTexels ? BlockAccess.AlongB
        : RowStride == 1 && ColumnStride % 4 == 0 && StartsOnTexels ? BlockAccess.AlongA
        : BlockAccess.Scalars;

    /// <summary>Whether a batch of these sizes holds one matrix only.</summary>
    public bool IsShared => BatchStrides.All(s => s == 0);
}
