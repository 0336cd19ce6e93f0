using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Operators.Gemm;

/// <summary>A batch of matrix products to be run on a device: result = program(left * right).</summary>
internal sealed record MatrixProduct
{
    /// <summary>Rows of each result.</summary>
    public required long Rows { get; init; }

    /// <summary>Columns of each result.</summary>
    public required long Columns { get; init; }

    /// <summary>Length of the sums.</summary>
    public required long Depth { get; init; }

    /// <summary>The batch as four axes, outermost first, filled up with 1 in front.</summary>
    public long[] BatchSizes { get; init; } = [1, 1, 1, 1];

    /// <summary>The left matrices: rows by depth.</summary>
    public required MatrixOperand Left { get; init; }

    /// <summary>The right matrices: depth by columns.</summary>
    public required MatrixOperand Right { get; init; }

    /// <summary>Where the results go.</summary>
    public required DeviceTensor Result { get; init; }

    /// <summary>Elements from one row of the result to the next.</summary>
    public required long ResultRowElements { get; init; }

    /// <summary>Elements from one result to the next.</summary>
    public required long ResultBatchElements { get; init; }

    /// <summary>Columns stored: <see cref="Columns"/>, or that rounded up to four where the rest is to be zero.</summary>
    public long? StoredColumns { get; init; }

    /// <summary>A row operand of the program is indexed with (batch % RowGroups) * Rows + row.</summary>
    public long RowGroups { get; init; } = 1;

    /// <summary>A column operand of the program is indexed with batch * OperandBatchColumns + column: 0 where all products share it; a multiple of four.</summary>
    public long OperandBatchColumns { get; init; }

    /// <summary>How many products of one node have this right matrix: packing it once serves them all.</summary>
    public long RightUses { get; init; } = 1;

    /// <summary>What is done to each result before it is stored.</summary>
    public PointwiseProgram Program { get; init; } = PointwiseProgram.Identity;

    /// <summary>The program's operands.</summary>
    public IReadOnlyList<EpilogueOperand> Operands { get; init; } = [];

    /// <summary>Number of products.</summary>
    public long Count => BatchSizes.Aggregate(1L, (a, b) => checked(a * b));

    /// <summary>Nominal floating-point operations.</summary>
    public double Flops => 2.0 * Count * Rows * Columns * Depth;

    /// <summary>Whether whole groups of four can be stored.</summary>
    public bool IsAligned => (StoredColumns ?? Columns) % 4 == 0 && ResultRowElements % 4 == 0 && ResultBatchElements % 4 == 0;
}
