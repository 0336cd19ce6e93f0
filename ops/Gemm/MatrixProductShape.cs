using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <summary>The sizes of a batched matrix product under NumPy's rules: a vector on the left is a row, on the right a column; leading axes broadcast.</summary>
/// <param name="Rows">Rows of each product.</param>
/// <param name="Columns">Columns of each product.</param>
/// <param name="Depth">Length of the sums.</param>
/// <param name="LeftBatch">Leading axes of the left operand.</param>
/// <param name="RightBatch">Leading axes of the right operand.</param>
/// <param name="Batch">Leading axes of the result.</param>
/// <param name="Output">Shape of the result.</param>
internal sealed record MatrixProductShape(long Rows, long Columns, long Depth, Shape LeftBatch, Shape RightBatch, Shape Batch, Shape Output)
{
    /// <summary>Number of products.</summary>
    public long Count => Batch.ElementCount;

    /// <summary>Finds the sizes, or says what does not fit.</summary>
    public static MatrixProductShape? Of(Shape left, Shape right, bool transposeLeft, bool transposeRight, out string problem)
    {
        problem = "";
        if (left.Rank == 0 || right.Rank == 0)
        {
            problem = $"{left} and {right}: a scalar is no matrix";
            return null;
        }
        var (rows, depth) = left.Rank == 1 ? (1, left[0]) : transposeLeft ? (left[-1], left[-2]) : (left[-2], left[-1]);
        var (rightDepth, columns) = right.Rank == 1 ? (right[0], 1) : transposeRight ? (right[-1], right[-2]) : (right[-2], right[-1]);
        if (depth != rightDepth)
        {
            problem = $"{left}{(transposeLeft ? " transposed" : "")} has {depth} columns, but {right}{(transposeRight ? " transposed" : "")} has {rightDepth} rows";
            return null;
        }
        var (leftBatch, rightBatch) = (Leading(left), Leading(right));
        if (Shape.Broadcast(leftBatch, rightBatch) is not { } batch)
        {
            problem = $"the leading axes of {left} and {right} do not broadcast";
            return null;
        }
        var output = new List<long>(batch);
        if (left.Rank > 1) output.Add(rows);
        if (right.Rank > 1) output.Add(columns);
        return new MatrixProductShape(rows, columns, depth, leftBatch, rightBatch, batch, new Shape(output.ToArray()));
    }

    /// <summary>Number of the matrix of an operand that product <paramref name="index"/> of the batch takes.</summary>
    public long MatrixOf(long index, Shape operandBatch)
    {
        long result = 0, stride = 1;
        for (var axis = 1; axis <= Batch.Rank; axis++)
        {
            var position = index % Batch[Batch.Rank - axis];
            index /= Batch[Batch.Rank - axis];
            if (axis > operandBatch.Rank) continue;
            var size = operandBatch[operandBatch.Rank - axis];
            if (size > 1) result += position * stride;
            stride *= size;
        }
        return result;
    }

    private static Shape Leading(Shape shape) => shape.Slice(0, Math.Max(0, shape.Rank - 2));
}
