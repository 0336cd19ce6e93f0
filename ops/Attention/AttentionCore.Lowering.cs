using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Attention;

/// <content>How attention is run on a device: for each block of keys a product, a softmax kernel and a product.</content>
public sealed partial class AttentionCore : ILowering
{
    // So many scores are computed at once, in blocks of so many keys where that is too few for all.
    private const long ScoresAtOnce = 1 << 22;
    private const long FewScores = 1 << 20;
    private const long BlockKeys = 256;
    private const int GroupSize = 64;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (query, key, output) = (context.Input(0), context.Input(1), context.Output(0));
        var (batch, heads, queries, keys) = (query.Shape[0], query.Shape[1], query.Shape[2], key.Shape[2]);
        if (output.Shape.ElementCount == 0) return;
        if (keys == 0)
        {
            context.Fill(output);
            return;
        }
        var block = batch * heads * queries * keys <= FewScores ? keys : Math.Min(keys, BlockKeys);
        // A tile of queries begins where a tensor may: 64 rows are a multiple of 256 bytes whatever the size of a head.
        var tile = Math.Min(queries, Math.Max(64, ScoresAtOnce / Math.Max(1, batch * heads * block) / 64 * 64));
        var width = (block + 3) / 4;
        var rows = batch * heads * tile;
        DeviceTensor Numbers(string purpose, params ReadOnlySpan<long> sizes) => context.Workspace(purpose, TensorType.Float(sizes));
        var buffers = new Buffers(Numbers("scores", rows, 4 * width), Numbers("weights", rows, 4 * width), [Numbers("largest 0", rows), Numbers("largest 1", rows)], [Numbers("sum 0", rows), Numbers("sum 1", rows)],
            Numbers("factor", rows), Numbers("inverse", rows), keys > block ? [context.Workspace("part 0", output.Type), context.Workspace("part 1", output.Type)] : []);
        for (var first = 0L; first < queries; first += tile)
            for (var start = 0L; start < keys; start += block)
                Block(context, buffers, first, Math.Min(tile, queries - first), start, Math.Min(block, keys - start), width);
    }

    private static void Block(LoweringContext context, Buffers buffers, long firstQuery, long queries, long firstKey, long keys, long width)
    {
        var (query, key, value, output) = (context.Input(0), context.Input(1), context.Input(2), context.Output(0));
        var (batch, heads, shared, depth, columns) = (query.Shape[0], query.Shape[1], key.Shape[1], query.Shape[3], value.Shape[3]);
        var (allQueries, allKeys, group) = (query.Shape[2], key.Shape[2], heads / shared);
        var (isFirst, isLast, turn) = (firstKey == 0, firstKey + keys == allKeys, (int)(firstKey / BlockKeys % 2));
        long[] sizes = [1, batch, shared, group];
        var rows = batch * heads * queries;
        MatrixProductLowering.Lower(context, new MatrixProduct
        {
            Rows = queries, Columns = keys, Depth = depth, BatchSizes = sizes,
            Left = new MatrixOperand(From(query, firstQuery * depth), depth, 1, Strides(heads * allQueries * depth, group * allQueries * depth, allQueries * depth)),
            Right = new MatrixOperand(From(key, firstKey * depth), 1, depth, Strides(shared * allKeys * depth, allKeys * depth, 0)),
            Result = buffers.Scores, ResultRowElements = 4 * width, ResultBatchElements = queries * 4 * width,
            Program = new PointwiseProgram([new PointwiseStep((int)PointwiseOpcode.Affine, 0, Alpha: (float)ScaleOf(context.Node.Attributes, depth))], 0),
        });
        Softmax(context, buffers, firstQuery, queries, firstKey, keys, width, rows, isFirst, turn);
        // What was found before counts less by the factor, and the last block divides by the sum.
        List<PointwiseStep> steps = [];
        List<EpilogueOperand> operands = [];
        if (!isFirst)
        {
            operands.AddRange([new(From(buffers.Parts[1 - turn], firstQuery * columns), Compilation.OperandMode.Full), new(buffers.Factor, Compilation.OperandMode.Row)]);
            steps.Add(new PointwiseStep((int)PointwiseOpcode.MultiplyAdd, 1, 2, 0));
        }
        if (isLast)
        {
            operands.Add(new(buffers.Inverse, Compilation.OperandMode.Row));
            steps.Add(new PointwiseStep((int)PointwiseOpcode.Multiply, isFirst ? 0 : PointwiseProgram.FirstResult, operands.Count));
        }
        MatrixProductLowering.Lower(context, new MatrixProduct
        {
            Rows = queries, Columns = columns, Depth = keys, BatchSizes = sizes,
            Left = new MatrixOperand(buffers.Weights, 4 * width, 1, Strides(heads * queries * 4 * width, group * queries * 4 * width, queries * 4 * width)),
            Right = new MatrixOperand(From(value, firstKey * columns), columns, 1, Strides(shared * allKeys * columns, allKeys * columns, 0)),
            Result = From(isLast ? output : buffers.Parts[turn], firstQuery * columns), ResultRowElements = columns, ResultBatchElements = allQueries * columns,
            RowGroups = batch * heads, Program = new PointwiseProgram(steps, operands.Count), Operands = operands,
        });

        static long[] Strides(long batch, long shared, long group) => [0, batch, shared, group];
    }

    private static void Softmax(LoweringContext context, Buffers buffers, long firstQuery, long queries, long firstKey, long keys, long width, long rows, bool isFirst, int turn)
    {
        var mask = context.Has(Mask) ? context.Input(Mask) : null;
        var lengths = context.Has(Lengths) ? context.Input(Lengths) : null;
        var causal = !context.Get(Causal) ? 0 : lengths is null ? 1 : 2;
        var parameters = checked(new AttentionSoftmax.Parameters
        {
            Rows = (int)rows, Keys = (int)keys, FirstKey = (int)firstKey, Width = (int)width, Queries = (int)queries, FirstQuery = (int)firstQuery,
            AllQueries = (int)context.Input(0).Shape[2], Heads = (int)context.Input(0).Shape[1], Offset = (int)context.Get(Offset), Cap = (float)context.Get(Softcap),
        });
        var strides = mask is null ? new long[4] : MaskStrides(mask.Shape);
        MatrixProductLowering.Set(ref parameters.MaskStrides, strides);
        var isAligned = strides[3] == 1 && strides[..3].All(s => s % 4 == 0) && firstKey % 4 == 0 && (mask is null || mask.Shape[-1] % 4 == 0);
        var kernel = context.Choose(AttentionSoftmax.Family.Variants, mask is null ? [buffers.Scores] : [buffers.Scores, mask]);
        var lanes = RowLanes.Of(kernel, width, rows);
        context.Dispatch(kernel)
            .Parameters(parameters)
            .Bind(AttentionSoftmax.Bindings.Scores, buffers.Scores)
            .Bind(AttentionSoftmax.Bindings.Mask, mask ?? buffers.Scores)
            .Bind(AttentionSoftmax.Bindings.Lengths, lengths ?? buffers.Scores)
            .Bind(AttentionSoftmax.Bindings.LargestBefore, isFirst ? buffers.Scores : buffers.Largest[1 - turn])
            .Bind(AttentionSoftmax.Bindings.SumBefore, isFirst ? buffers.Scores : buffers.Sum[1 - turn])
            .Bind(AttentionSoftmax.Bindings.Weights, buffers.Weights)
            .Bind(AttentionSoftmax.Bindings.Largest, buffers.Largest[turn])
            .Bind(AttentionSoftmax.Bindings.Sum, buffers.Sum[turn])
            .Bind(AttentionSoftmax.Bindings.Factor, buffers.Factor)
            .Bind(AttentionSoftmax.Bindings.Inverse, buffers.Inverse)
            .Constant(AttentionSoftmax.Constants.Mask, mask is null ? 0 : mask.Type.DataType == DataType.Bool ? 2 : 1)
            .Constant(AttentionSoftmax.Constants.MaskAligned, isAligned ? 1 : 0)
            .Constant(AttentionSoftmax.Constants.Causal, causal)
            .Constant(AttentionSoftmax.Constants.Softcap, context.Get(Softcap) > 0 ? 1 : 0)
            .Constant(AttentionSoftmax.Constants.HasLengths, lengths is null ? 0 : 1)
            .Constant(AttentionSoftmax.Constants.First, isFirst ? 1 : 0)
            .Constant(AttentionSoftmax.Constants.Lanes, lanes)
            .Cost(20.0 * rows * keys, 8.0 * rows * keys)
            .RunLinear(rows * lanes, GroupSize);
    }

    // The tensor from an element on, at which a tensor may begin.
    private static DeviceTensor From(DeviceTensor tensor, long element) => element == 0 ? tensor
        : new DeviceTensor(tensor.Buffer, tensor.Offset + element * DeviceTensor.ElementBytes, TensorType.Float(tensor.Shape.ElementCount - element), Graphs.Layout.Dense);

    private sealed record Buffers(DeviceTensor Scores, DeviceTensor Weights, DeviceTensor[] Largest, DeviceTensor[] Sum, DeviceTensor Factor, DeviceTensor Inverse, DeviceTensor[] Parts);
}
