using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The sum of magnitudes along some axes.</summary>
public sealed class ReduceL1() : AccumulatingReduction("reduce_l1", "The sum of magnitudes along some axes.", ReductionKind.AbsoluteSum, "ReduceL1")
{
    private protected override double Take(double sum, double x) => sum + Math.Abs(x);

    private protected override long Take(long sum, long x) => unchecked(sum + (x < 0 ? -x : x));

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g * x.Apply("sign");
}
