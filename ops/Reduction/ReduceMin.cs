using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Reduction;

/// <summary>The smallest element along some axes; NaN if any is. Equal ones share the gradient.</summary>
public sealed class ReduceMin() : AccumulatingReduction("reduce_min", "The smallest element along some axes; NaN if any is NaN. Equal ones share the gradient.", ReductionKind.Minimum, "ReduceMin")
{
    private protected override double Start => double.PositiveInfinity;

    private protected override long StartWhole(DataType type) => WholeRange.Largest(type);

    private protected override double Take(double sum, double x) => Math.Min(sum, x);

    private protected override long Take(long sum, long x) => Math.Min(sum, x);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes)
    {
        var chosen = x.Apply("equal", y).Choose(x.Constant(1), x.Constant(0));
        var kept = attributes.With(KeepDimensions, true);
        return g * chosen / chosen.Apply("reduce_sum", kept);
    }
}
