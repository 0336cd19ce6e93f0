using VkNet.Graphs;
using VkNet.Operators.Layout;
using VkNet.Operators.Reduction;
using VkNet.Tensors;

namespace VkNet.Operators.Gemm;

/// <summary>An operand of an einsum while it is being taken apart: a value and the names of its axes.</summary>
/// <param name="Context">Builds the nodes.</param>
/// <param name="Value">The value.</param>
/// <param name="Names">Names of its axes.</param>
internal sealed record EinsumTerm(DecompositionContext Context, Value Value, int[] Names)
{
    /// <summary>Every name once, and no axis that is repeated to another operand's size: diagonals are taken, axes of size 1 dropped where others are larger.</summary>
    internal EinsumTerm WithoutRepetition(IReadOnlyDictionary<int, long> sizes)
    {
        var term = this;
        int[] kept = [.. Enumerable.Range(0, Names.Length).Where(axis => Value.Shape[axis] == sizes[Names[axis]])];
        if (kept.Length < Names.Length) term = term with { Value = Shaped(Value, [.. kept.Select(axis => Value.Shape[axis])]), Names = [.. kept.Select(axis => Names[axis])] };
        while (term.Names.GroupBy(name => name).FirstOrDefault(g => g.Count() > 1)?.Key is { } name) term = term.Diagonal(name);
        return term;
    }

    /// <summary>The term summed over the axes that nobody else names.</summary>
    internal EinsumTerm SummedTo(IEnumerable<int> needed)
    {
        var wanted = needed.ToHashSet();
        long[] axes = [.. Enumerable.Range(0, Names.Length).Where(axis => !wanted.Contains(Names[axis])).Select(axis => (long)axis)];
        if (axes.Length == 0) return this;
        return this with { Value = Context.Apply("reduce_sum", AttributeSet.Empty.With(ReductionOperator.Axes, axes), Value), Names = [.. Names.Where(wanted.Contains)] };
    }

    /// <summary>The product with another term, summed over the axes that are no longer needed: a matrix product, or elementwise where nothing is summed.</summary>
    internal EinsumTerm Times(EinsumTerm other, IReadOnlyCollection<int> needed)
    {
        int[] shared = [.. Names.Where(other.Names.Contains)];
        int[] batch = [.. shared.Where(needed.Contains)];
        int[] summed = [.. shared.Where(name => !needed.Contains(name))];
        int[] mine = [.. Names.Except(shared)], theirs = [.. other.Names.Except(shared)];
        int[] names = [.. batch, .. mine, .. theirs];
        if (summed.Length == 0)
        {
            var left = Shaped(Ordered([.. batch, .. mine]), [.. Sizes(batch), .. Sizes(mine), .. theirs.Select(_ => 1L)]);
            var right = Shaped(other.Ordered([.. batch, .. theirs]), [.. Sizes(batch), .. mine.Select(_ => 1L), .. other.Sizes(theirs)]);
            return this with { Value = Context.Apply("mul", left, right), Names = names };
        }
        var a = Shaped(Ordered([.. batch, .. mine, .. summed]), [Count(batch), Count(mine), Count(summed)]);
        var b = Shaped(other.Ordered([.. batch, .. summed, .. theirs]), [Count(batch), Count(summed), other.Count(theirs)]);
        return this with { Value = Shaped(Context.Apply("matmul", a, b), [.. Sizes(batch), .. Sizes(mine), .. other.Sizes(theirs)]), Names = names };
    }

    /// <summary>The value with its axes as the result names them; those it lacks are repeated.</summary>
    internal Value Arranged(int[] result, IReadOnlyDictionary<int, long> sizes)
    {
        var ordered = Ordered([.. result.Where(Names.Contains)]);
        if (result.Length == Names.Length) return ordered;
        var withOnes = Shaped(ordered, [.. result.Select(name => Names.Contains(name) ? sizes[name] : 1)]);
        return Context.Apply("expand", AttributeSet.Empty.With(Expand.Shape, [.. result.Select(name => sizes[name])]), withOnes);
    }

    // The elements whose two coordinates are equal: in rows that are one longer than the matrix's they stand in one column.
    private EinsumTerm Diagonal(int name)
    {
        var (first, second) = (Array.IndexOf(Names, name), Array.LastIndexOf(Names, name));
        int[] rest = [.. Enumerable.Range(0, Names.Length).Where(axis => axis != first && axis != second)];
        var (size, ahead) = (Value.Shape[first], rest.Select(axis => Value.Shape[axis]).ToArray());
        var moved = Context.Apply("transpose", AttributeSet.Empty.With(Transpose.Permutation, [.. rest.Select(axis => (long)axis), first, second]), Value);
        var flat = Shaped(moved, [.. ahead, size * size]);
        var longer = Context.Apply("pad", AttributeSet.Empty.With(Pad.Pads, [0, size]).With(Pad.Axes, [-1]), flat);
        var column = Context.Apply("slice", AttributeSet.Empty.With(Slice.Starts, [0]).With(Slice.Ends, [1]).With(Slice.Axes, [-1]), Shaped(longer, [.. ahead, size, size + 1]));
        return this with { Value = Shaped(column, [.. ahead, size]), Names = [.. rest.Select(axis => Names[axis]), name] };
    }

    private Value Ordered(int[] names) => names.SequenceEqual(Names) ? Value
        : Context.Apply("transpose", AttributeSet.Empty.With(Transpose.Permutation, [.. names.Select(name => (long)Array.IndexOf(Names, name))]), Value);

    private Value Shaped(Value value, long[] sizes) => value.Shape.AsSpan().SequenceEqual(sizes) ? value
        : Context.Apply("reshape", AttributeSet.Empty.With(Reshape.Shape, sizes).With(Reshape.AllowZero, true), value);

    private IEnumerable<long> Sizes(int[] names) => names.Select(name => Value.Shape[Array.IndexOf(Names, name)]);

    private long Count(int[] names) => Sizes(names).Aggregate(1L, (a, b) => checked(a * b));
}
