using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Reduction;

/// <summary>
/// Writes the kernel calls of a reduction. Neighbouring axes that are both folded or both kept are one; each folded group is folded by
/// calls of its own, the innermost first, and long groups in chunks whose results are folded again.
/// </summary>
internal static class ReductionLowering
{
    private const int RowChunk = 16384;
    private const int ColumnChunk = 256;
    private const int RowGroup = 256;
    private const int ColumnGroup = 64;

    // Enough invocations to fill any device: columns are not cut into chunks beyond it.
    private const int EnoughInvocations = 4096;

    internal static void Lower(LoweringContext context, ReductionKind kind, bool[] folded)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        if (input.Shape.ElementCount == 0)
        {
            context.Fill(output, ResultOfNothing(kind, output.Type.DataType));
            return;
        }
        if (input.Shape.ElementCount > int.MaxValue / 2)
            throw new VkNetException("VKN4212", $"{context.Node.Operator.Name} '{context.Node.Name}': {input.Type} has more elements than a kernel can number", "split the tensor", context.Node.Location, ErrorKind.Device);
        new Passes(context, kind, context.Prologue, context.Epilogue, input, output, Groups(input.Shape, folded)).Run();
    }

    /// <summary>Matrices whose rows one call can add up.</summary>
    internal const int MostMatrices = 4;

    /// <summary>Whether the rows of a matrix can be added up in a call that serves others, too: a single invocation goes through a column then.</summary>
    internal static bool IsShort(long rows) => rows <= 2 * ColumnChunk;

    /// <summary>Writes the calls that add up the rows of matrices [rows, columns], each into one of its columns' size; of up to <see cref="MostMatrices"/> short ones in one call, unless calls are to stay apart.</summary>
    internal static void SumRows(LoweringContext context, params ReadOnlySpan<(DeviceTensor Input, DeviceTensor Output, long Rows)> matrices)
    {
        var together = context.Options.Fuse && matrices.Length is > 1 and <= MostMatrices;
        foreach (var (input, output, rows) in matrices) together &= IsShort(rows) && input.Shape.ElementCount > 0;
        if (together)
        {
            SumTogether(context, matrices);
            return;
        }
        foreach (var (input, output, rows) in matrices)
        {
            if (input.Shape.ElementCount == 0) context.Fill(output);
            else SumRows(context, input, output, rows);
        }
    }

    /// <summary>Writes the calls that add up the rows of a matrix [rows, columns] into one of its columns' size.</summary>
    internal static void SumRows(LoweringContext context, DeviceTensor input, DeviceTensor output, long rows) =>
        new Passes(context, ReductionKind.Sum, null, null, input, output, [(rows, true), (output.Shape.ElementCount, false)]).Run();

    private static void SumTogether(LoweringContext context, ReadOnlySpan<(DeviceTensor Input, DeviceTensor Output, long Rows)> matrices)
    {
        var (sources, first) = (matrices.ToArray().Select(m => m.Input).ToArray(), matrices[0]);
        var (rows, columns, groups, vectors, bytes, next) = (new long[MostMatrices], new long[MostMatrices], new long[MostMatrices], 0L, 0L, 0L);
        var call = context.Dispatch(context.Choose(ReductionSums.Family.Variants, sources));
        for (var i = 0; i < MostMatrices; i++)
        {
            // What is not looked at must be bound to something.
            var (input, output, height) = i < matrices.Length ? matrices[i] : first;
            call.Bind(ReductionSums.Bindings.Source0 + i, input).Bind(ReductionSums.Bindings.Target0 + i, output);
            if (i >= matrices.Length) continue;
            var width = output.Shape.ElementCount % 4 == 0 ? 4 : 1;
            (rows[i], columns[i], groups[i]) = (height, output.Shape.ElementCount / width, next);
            next += (columns[i] + ColumnGroup - 1) / ColumnGroup;
            vectors |= (width == 4 ? 1L : 0) << i;
            bytes += input.Bytes + output.Bytes;
        }
        call.Parameters(new ReductionSums.Parameters { Rows = Pack(rows), Columns = Pack(columns), Groups = Pack(groups) })
            .Constant(ReductionSums.Constants.Count, matrices.Length)
            .Constant(ReductionSums.Constants.Vectors, vectors)
            .Cost(sources.Sum(s => (double)s.Shape.ElementCount), bytes)
            .RunLinear(next * ColumnGroup, ColumnGroup);

        static IntArray4 Pack(long[] numbers)
        {
            var packed = new IntArray4();
            for (var i = 0; i < MostMatrices; i++) packed[i] = checked((int)numbers[i]);
            return packed;
        }
    }

    /// <summary>Writes the calls that add up a dense tensor over some of its axes; the sum of nothing is zero.</summary>
    internal static void Sum(LoweringContext context, DeviceTensor input, DeviceTensor output, bool[] folded)
    {
        if (input.Shape.ElementCount == 0) context.Fill(output);
        else new Passes(context, ReductionKind.Sum, null, null, input, output, Groups(input.Shape, folded)).Run();
    }

    // Sizes of alternating groups of axes, outermost first; axes of size 1 belong to any group.
    private static List<(long Size, bool Folded)> Groups(Shape shape, bool[] folded)
    {
        var groups = new List<(long Size, bool Folded)>();
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (shape[axis] == 1) continue;
            if (groups.Count > 0 && groups[^1].Folded == folded[axis]) groups[^1] = (groups[^1].Size * shape[axis], folded[axis]);
            else groups.Add((shape[axis], folded[axis]));
        }
        if (!groups.Exists(g => g.Folded)) groups.Add((1, true));
        return groups;
    }

    private static uint ResultOfNothing(ReductionKind kind, DataType type)
    {
        if (!type.IsFloat())
            return unchecked((uint)(int)Math.Clamp(kind switch
            {
                ReductionKind.Maximum => WholeRange.Least(type),
                ReductionKind.Minimum => WholeRange.Largest(type),
                ReductionKind.Product => 1,
                _ => 0,
            }, int.MinValue, int.MaxValue));
        return BitConverter.SingleToUInt32Bits(kind switch
        {
            ReductionKind.Mean => float.NaN,
            ReductionKind.Maximum or ReductionKind.LogSum or ReductionKind.LogSumExp => float.NegativeInfinity,
            ReductionKind.Minimum => float.PositiveInfinity,
            ReductionKind.Product => 1,
            _ => 0,
        });
    }

    private static FoldCombine CombineOf(ReductionKind kind) => kind switch
    {
        ReductionKind.Maximum => FoldCombine.Maximum,
        ReductionKind.Minimum => FoldCombine.Minimum,
        ReductionKind.Product => FoldCombine.Product,
        ReductionKind.LogSumExp => FoldCombine.Exponentials,
        _ => FoldCombine.Sum,
    };

    private static FoldMap MapOf(ReductionKind kind) => kind switch
    {
        ReductionKind.AbsoluteSum => FoldMap.Absolute,
        ReductionKind.SquareSum or ReductionKind.Euclidean => FoldMap.Square,
        _ => FoldMap.None,
    };

    private static FoldFinish FinishOf(ReductionKind kind) => kind switch
    {
        ReductionKind.Mean => FoldFinish.Divide,
        ReductionKind.Euclidean => FoldFinish.SquareRoot,
        ReductionKind.LogSum => FoldFinish.Logarithm,
        _ => FoldFinish.None,
    };

    /// <summary>The calls of one reduction.</summary>
    private sealed class Passes(LoweringContext context, ReductionKind kind, PointwiseProgram? prologue, PointwiseProgram? epilogue, DeviceTensor input, DeviceTensor output, List<(long Size, bool Folded)> groups)
    {
        private readonly long _count = groups.Where(g => g.Folded).Aggregate(1L, (a, g) => a * g.Size);
        private bool _isFirst = true;

        internal void Run()
        {
            var source = input;
            while (groups.FindLastIndex(g => g.Folded) is var index and >= 0)
            {
                var outer = groups.Take(index).Aggregate(1L, (a, g) => a * g.Size);
                var inner = groups.Skip(index + 1).Aggregate(1L, (a, g) => a * g.Size);
                var length = groups[index].Size;
                var chunkLength = inner == 1 ? RowChunk : outer * inner / 4 >= EnoughInvocations || length <= 2 * ColumnChunk ? length : ColumnChunk;
                var chunks = (length + chunkLength - 1) / chunkLength;
                if (chunks > 1) groups[index] = (chunks, true);
                else groups.RemoveAt(index);
                var isLast = !groups.Exists(g => g.Folded);
                var target = isLast ? output : context.Workspace($"partial {groups.Count}.{chunks}", new TensorType(output.Type.DataType, [outer * chunks * inner]));
                if (inner == 1) Rows(source, target, outer, length, chunks, Math.Min(chunkLength, length), isLast);
                else Columns(source, target, outer, length, inner, chunks, Math.Min(chunkLength, length), isLast);
                source = target;
                _isFirst = false;
            }
        }

        private void Rows(DeviceTensor source, DeviceTensor target, long rows, long length, long chunks, long chunkLength, bool isLast)
        {
            var lanes = chunkLength <= 64 ? 1 : chunkLength <= 1024 ? 16 : 256;
            var parameters = new ReductionRows.Parameters { Rows = (int)rows, Extent = (int)length, Chunks = (int)chunks, ChunkLength = (int)chunkLength, Count = (int)_count };
            Structure(context.Dispatch(Choose(ReductionRows.Family, source)).Parameters(parameters), isLast)
                .Constant(ReductionRows.Constants.Lanes, lanes)
                .Constant(ReductionRows.Constants.Aligned, RunsLast(isLast) ? 0 : 1)
                .Bind(ReductionRows.Bindings.Source, source)
                .Bind(ReductionRows.Bindings.Target, target)
                .Cost((double)rows * length, source.Bytes + target.Bytes)
                .RunLinear(rows * chunks * lanes, RowGroup);
        }

        private void Columns(DeviceTensor source, DeviceTensor target, long outer, long length, long columns, long chunks, long chunkLength, bool isLast)
        {
            var width = columns % 4 == 0 ? 4 : 1;
            var items = outer * chunks * columns / width;
            var parameters = new ReductionColumns.Parameters
            {
                Items = (int)items, Extent = (int)length, Columns = (int)(columns / width), Chunks = (int)chunks, ChunkLength = (int)chunkLength, Count = (int)_count,
            };
            Structure(context.Dispatch(Choose(ReductionColumns.Family, source)).Parameters(parameters), isLast)
                .Constant(ReductionColumns.Constants.Vectors, width == 4 ? 1 : 0)
                .Constant(ReductionColumns.Constants.Aligned, width == 4 ? 1 : 0)
                .Bind(ReductionColumns.Bindings.Source, source)
                .Bind(ReductionColumns.Bindings.Target, target)
                .Cost((double)outer * length * columns, source.Bytes + target.Bytes)
                .RunLinear(items, ColumnGroup);
        }

        // Elements go through the prologue and are mapped when they are first read; the result is finished, and goes through the epilogue, when it
        // is last written. A node has one of the two.
        private DispatchBuilder Structure(DispatchBuilder dispatch, bool isLast) => (RunsLast(isLast)
                ? dispatch.Epilogue(epilogue, PrologueOperands.Of(context, epilogue, output))
                : dispatch.Epilogue(_isFirst ? prologue : null, PrologueOperands.Of(context, _isFirst ? prologue : null, input)))
            .Constant(ReductionRows.Constants.Program, (long)(RunsLast(isLast) ? FoldProgram.Last : FoldProgram.First))
            .Constant(ReductionRows.Constants.Map, (long)(_isFirst ? MapOf(kind) : FoldMap.None))
            .Constant(ReductionRows.Constants.Combine, (long)CombineOf(kind))
            .Constant(ReductionRows.Constants.Finish, (long)(isLast ? FinishOf(kind) : FoldFinish.None));

        private bool RunsLast(bool isLast) => isLast && epilogue is not null;

        private KernelDescriptor Choose(KernelFamily family, DeviceTensor source)
        {
            var whole = !output.Type.DataType.IsFloat();
            return context.Choose(family.Variants.Where(v => v.Variant == "whole" == whole), source);
        }
    }
}
