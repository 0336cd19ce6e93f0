using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The sum of all elements along some axes.</summary>
public sealed class ReduceSum() : AccumulatingReduction("reduce_sum", "The sum of all elements along some axes.", ReductionKind.Sum, "ReduceSum", axesAreInputSince: 13)
{
    private protected override double Take(double sum, double x) => sum + x;

    private protected override long Take(long sum, long x) => unchecked(sum + x);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g;
}
