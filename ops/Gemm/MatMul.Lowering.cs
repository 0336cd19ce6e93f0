using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <content>How matrix products are run on a device.</content>
public sealed partial class MatMul : ILowering, IFullyConnected, ITunable
{
    /// <inheritdoc/>
    public bool? HasUnitsFirst(Node node) =>
        node.Inputs[0]!.Shape.Rank >= 2 && node.Inputs[1]!.Shape.Rank == 2 && !node.Get(TransposeA) && node.Outputs[0].DataType.IsFloat() ? node.Get(TransposeB) : null;

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => node.Outputs[0].DataType.IsFloat();

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => ColumnEpilogue.Accepts(node, operand);

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => Graphs.Layout.Dense;

    /// <inheritdoc/>
    public IEnumerable<string> Variants(Node node, DeviceProfile profile) => node.Outputs[0].DataType.IsFloat() ? PackedTiles.Candidates(profile).Concat(SplitProduct.Candidates) : [];

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (a, b, result) = (context.Input(0), context.Input(1), context.Output(0));
        var shape = Sizes(a.Shape, b.Shape, context.Node.Attributes);
        var (transposeA, transposeB) = (a.Shape.Rank > 1 && context.Get(TransposeA), b.Shape.Rank > 1 && context.Get(TransposeB));
        var left = transposeA ? (Row: 1L, Column: shape.Rows) : (shape.Depth, 1);
        var right = transposeB ? (Row: 1L, Column: shape.Depth) : (shape.Columns, 1);
        var (sizes, leftStrides, rightStrides) = BatchAxes(context, shape);
        var product = new MatrixProduct
        {
            Rows = shape.Rows, Columns = shape.Columns, Depth = shape.Depth, BatchSizes = sizes,
            Left = new MatrixOperand(a, left.Row, left.Column, leftStrides), Right = new MatrixOperand(b, right.Row, right.Column, rightStrides),
            Result = result, ResultRowElements = shape.Columns, ResultBatchElements = shape.Rows * shape.Columns,
            Program = context.Epilogue ?? PointwiseProgram.Identity, Operands = ColumnEpilogue.Operands(context),
        };
        // Products that share their right matrix and follow one another are one product of more rows.
        if (product.Right.IsShared && !transposeA && shape.LeftBatch.ElementCount == shape.Count)
        {
            product = product with
            {
                Rows = shape.Count * shape.Rows, BatchSizes = [1, 1, 1, 1], ResultBatchElements = shape.Count * shape.Rows * shape.Columns,
                Left = product.Left with { BatchStrides = new long[4] },
            };
        }
        // One column is better computed as one row: kernels work on columns in fours and more.
        if (product.Columns == 1 && product.Rows > 1)
        {
            product = product with
            {
                Rows = 1, Columns = product.Rows, Left = product.Right.Transposed, Right = product.Left.Transposed, ResultRowElements = product.Rows,
            };
        }
        if (result.Type.DataType.IsFloat()) MatrixProductLowering.Lower(context, product);
        else WholeProduct.Lower(context, product);
    }

    // The batch as four axes: neighbours that every operand walks alike are merged.
    private static (long[] Sizes, long[] Left, long[] Right) BatchAxes(LoweringContext context, MatrixProductShape shape)
    {
        List<(long Size, long Left, long Right)> axes = [];
        var (left, right) = (Strides(shape.LeftBatch, shape.Batch, shape.Rows * shape.Depth), Strides(shape.RightBatch, shape.Batch, shape.Depth * shape.Columns));
        for (var i = 0; i < shape.Batch.Rank; i++)
        {
            if (shape.Batch[i] == 1) continue;
            if (axes.Count > 0 && axes[^1].Left == left[i] * shape.Batch[i] && axes[^1].Right == right[i] * shape.Batch[i])
                axes[^1] = (axes[^1].Size * shape.Batch[i], left[i], right[i]);
            else axes.Add((shape.Batch[i], left[i], right[i]));
        }
        if (axes.Count > 4)
            throw new VkNetException("VKN4213", $"matmul '{context.Node.Name}': the leading axes of {context.Input(0).Shape} and {context.Input(1).Shape} broadcast in more than four alternating runs", "expand one of them first", context.Node.Location);
        while (axes.Count < 4) axes.Insert(0, (1, 0, 0));
        return ([.. axes.Select(a => a.Size)], [.. axes.Select(a => a.Left)], [.. axes.Select(a => a.Right)]);
    }

    // Elements between neighbours along the batch's axes; 0 where the operand is repeated.
    private static long[] Strides(Shape operand, Shape batch, long matrixElements)
    {
        var strides = new long[batch.Rank];
        var own = operand.Strides();
        for (var i = 0; i < operand.Rank; i++)
            strides[batch.Rank - operand.Rank + i] = operand[i] == 1 ? 0 : own[i] * matrixElements;
        return strides;
    }
}
