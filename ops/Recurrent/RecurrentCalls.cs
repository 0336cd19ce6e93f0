using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Recurrent;

/// <summary>What the lowerings of a sequence and of its gradient share.</summary>
internal sealed class RecurrentCalls
{
    // The shared memory of a workgroup, in texels of four units.
    private const int PoolTexels = 1024;
    private const int TileRows = 4;
    private const int GroupSize = 128;

    // FLOPs of a step's products. Below, a call for all steps is faster than two calls for each: it reads the weights at the speed of one
    // workgroup for each tile of sequences, but waits for no dispatch.
    private const double WorthStepping = 1.5e6;

    private readonly LoweringContext _context;
    private readonly RecurrentKind _kind;

    internal RecurrentCalls(LoweringContext context, RecurrentKind kind, RecurrentSizes sizes)
    {
        (_context, _kind, Sizes) = (context, kind, sizes);
        Gates = RecurrentAttributes.GatesOf(kind);
        Cell = RecurrentAttributes.CellOf(kind, context.Node.Attributes);
        Texels = (sizes.Units + 3) / 4;
        Rows = sizes.Batch >= TileRows && Fits(TileRows) ? TileRows : 1;
        IsWhole = Fits(Rows) && Flops(1) <= WorthStepping;
        if (!IsWhole) Rows = 1;
        Unused = context.Workspace("unused", TensorType.Float(1));
    }

    internal RecurrentSizes Sizes { get; }

    internal int Gates { get; }

    internal RecurrentCell Cell { get; }

    /// <summary>Texels of four units.</summary>
    internal long Texels { get; }

    /// <summary>Sequences that a workgroup handles.</summary>
    internal int Rows { get; }

    /// <summary>Whether all steps are one call; else each step is a matrix product and a call for the gates.</summary>
    internal bool IsWhole { get; }

    /// <summary>Bound where a kernel writes nothing.</summary>
    internal DeviceTensor Unused { get; }

    /// <summary>Nominal FLOPs of the products of so many steps.</summary>
    internal double Flops(long steps) => 2.0 * steps * Sizes.Batch * Sizes.Directions * Gates * Sizes.Units * Sizes.Units;

    /// <summary>A tensor that lives as long as the node's calls.</summary>
    internal DeviceTensor State(string purpose, long parts = 1) => _context.Workspace(purpose, TensorType.Float(Sizes.Directions, Sizes.Batch, parts * Sizes.Units));

    /// <summary>The recurrent weights as the whole-sequence kernels read them.</summary>
    /// <param name="weights">[D, G H, H].</param>
    /// <param name="transposed">Whether for the forward pass.</param>
    /// <param name="firstGate">The first gate taken; the others follow it.</param>
    internal DeviceTensor Packed(DeviceTensor weights, bool transposed, int firstGate = 0)
    {
        var gates = Gates - firstGate;
        var count = Sizes.Directions * gates * 4 * Texels * Texels;
        return _context.Packed(weights, $"recurrent {Sizes.Directions}x{Gates}x{Sizes.Units} {(transposed ? "forward" : "backward")} from gate {firstGate}", TensorType.Float(checked(count * 4)), result =>
            _context.Dispatch(_context.Choose(RecurrentPack.Family.Variants))
                .Parameters(checked(new RecurrentPack.Parameters { Count = (int)count, Gates = gates, Units = (int)Sizes.Units, SourceGates = Gates, FirstGate = firstGate }))
                .Constant(RecurrentPack.Constants.Transposed, transposed ? 1 : 0)
                .Bind(RecurrentPack.Bindings.Source, weights)
                .Bind(RecurrentPack.Bindings.Result, result)
                .Cost(0, weights.Bytes + result.Bytes)
                .RunLinear(count, 64));
    }

    /// <summary>A step's product of every sequence with the recurrent weights: result = left * right + addend.</summary>
    /// <param name="left">[D, N, depth].</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="weights">[D, G H, H].</param>
    /// <param name="firstGate">The first gate whose weights are used.</param>
    /// <param name="transposed">Whether units of the state are summed over (forward); else units of gates are (backward).</param>
    /// <param name="result">[D, N, columns].</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="addend">[D, N, columns], or null.</param>
    internal void Multiply(DeviceTensor left, long depth, DeviceTensor weights, int firstGate, bool transposed, DeviceTensor result, long columns, DeviceTensor? addend = null)
    {
        var (units, batch) = (Sizes.Units, Sizes.Batch);
        long[] Strides(long stride) => [0, 0, 0, Sizes.Directions > 1 ? stride : 0];
        var matrix = new MatrixOperand(weights, units, 1, Strides(Gates * units * units));
        if (firstGate > 0)
        {
            // A tensor cannot begin at any element, so the gate's weights get a place of their own.
            var filled = 4 * Texels;
            matrix = new MatrixOperand(Packed(weights, transposed: false, firstGate), filled, 1, Strides((Gates - firstGate) * filled * filled));
        }
        MatrixProductLowering.Lower(_context, new MatrixProduct
        {
            Rows = batch, Columns = columns, Depth = depth, BatchSizes = [1, 1, 1, Sizes.Directions],
            Left = new MatrixOperand(left, depth, 1, Strides(batch * depth)), Right = transposed ? matrix.Transposed : matrix,
            Result = result, ResultRowElements = columns, ResultBatchElements = batch * columns,
            RightUses = Sizes.Steps,
            Program = addend is null ? PointwiseProgram.Identity : new PointwiseProgram([new PointwiseStep((int)PointwiseOpcode.Add, 0, 1)], 1),
            Operands = addend is null ? [] : [new EpilogueOperand(addend, Compilation.OperandMode.Full)],
        });
    }

    /// <summary>The workgroups of a call.</summary>
    internal long Invocations => Sizes.Directions * ((Sizes.Batch + Rows - 1) / Rows) * GroupSize;

    /// <summary>Runs a call over all tiles.</summary>
    internal void Run(DispatchBuilder dispatch) => dispatch.RunLinear(Invocations, GroupSize);

    // States, cell states (or reset states) and the products of a tile's sequences.
    private bool Fits(int rows) => rows * Texels * (2 + Gates) <= PoolTexels;
}
