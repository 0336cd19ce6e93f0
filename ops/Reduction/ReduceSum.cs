using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Reduction;

/// <summary>The sum of all elements along some axes.</summary>
public sealed class ReduceSum() : AccumulatingReduction("reduce_sum", "The sum of all elements along some axes.", ReductionKind.Sum, "ReduceSum", axesAreInputSince: 13), IMergesCalls
{
    // A tensor that waits for others keeps its memory, and a call that reads more costs the device more than being started.
    private const long LargestBytes = 1 << 20;

    /// <summary>Sums of the rows of small matrices: gradients of biases.</summary>
    public object? MergingKey(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var input = node.Inputs[0]!;
        if (input.DataType != DataType.Float32 || input.Shape.Rank < 2 || input.Shape.ElementCount == 0 || DeviceTensor.SizeOf(input.Type, input.Layout) > LargestBytes) return null;
        var folded = Folded(input.Shape.Rank, node.Get(Axes));
        return !folded[^1] && folded.SkipLast(1).All(f => f) && ReductionLowering.IsShort(input.Shape.Product(0, input.Shape.Rank - 1)) ? node.Get(KeepDimensions) : null;
    }

    /// <inheritdoc/>
    public IEnumerable<MergedCall> Merge(IReadOnlyList<Node> nodes) =>
        nodes.Chunk(ReductionLowering.MostMatrices).Where(c => c.Length > 1).Select(c => new MergedCall("reduce_sum_rows", AttributeSet.Empty.With(KeepDimensions, c[0].Get(KeepDimensions)), [.. c.Select(n => n.Inputs[0])], c));

    private protected override double Take(double sum, double x) => sum + x;

    private protected override long Take(long sum, long x) => unchecked(sum + x);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g;
}
