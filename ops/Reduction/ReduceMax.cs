using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Reduction;

/// <summary>The largest element along some axes; NaN if any is. Equal ones share the gradient.</summary>
public sealed class ReduceMax() : AccumulatingReduction("reduce_max", "The largest element along some axes; NaN if any is NaN. Equal ones share the gradient.", ReductionKind.Maximum, "ReduceMax")
{
    private protected override double Start => double.NegativeInfinity;

    private protected override long StartWhole(DataType type) => WholeRange.Least(type);

    private protected override double Take(double sum, double x) => Math.Max(sum, x);

    private protected override long Take(long sum, long x) => Math.Max(sum, x);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes)
    {
        var chosen = x.Apply("equal", y).Choose(x.Constant(1), x.Constant(0));
        var kept = attributes.With(KeepDimensions, true);
        return g * chosen / chosen.Apply("reduce_sum", kept);
    }
}
