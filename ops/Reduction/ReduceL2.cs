using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The Euclidean norm along some axes: the square root of the sum of squares. Its gradient at 0 is 0.</summary>
public sealed class ReduceL2() : AccumulatingReduction("reduce_l2", "The Euclidean norm along some axes: the square root of the sum of squares. Its gradient at 0 is 0.", ReductionKind.Euclidean, "ReduceL2")
{
    private protected override double Take(double sum, double x) => sum + x * x;

    private protected override long Take(long sum, long x) => unchecked(sum + x * x);

    private protected override double Finish(double sum, double count) => Math.Sqrt(sum);

    private protected override long Finish(long sum, long count) => (long)Math.Sqrt(sum);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => y.IsAbove(0).Choose(g * x / y, g.Constant(0));
}
