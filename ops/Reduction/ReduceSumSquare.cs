using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The sum of squares along some axes.</summary>
public sealed class ReduceSumSquare() : AccumulatingReduction("reduce_sum_square", "The sum of squares along some axes.", ReductionKind.SquareSum, "ReduceSumSquare")
{
    private protected override double Take(double sum, double x) => sum + x * x;

    private protected override long Take(long sum, long x) => unchecked(sum + x * x);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g * x * 2;
}
