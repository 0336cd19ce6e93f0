using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The mean of all elements along some axes; NaN of none.</summary>
public sealed class ReduceMean() : AccumulatingReduction("reduce_mean", "The mean of all elements along some axes; NaN of none.", ReductionKind.Mean, "ReduceMean")
{
    private protected override double Take(double sum, double x) => sum + x;

    private protected override long Take(long sum, long x) => unchecked(sum + x);

    private protected override double Finish(double sum, double count) => sum / count;

    private protected override long Finish(long sum, long count) => count == 0 ? 0 : sum / count;

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g * (1 / count);
}
