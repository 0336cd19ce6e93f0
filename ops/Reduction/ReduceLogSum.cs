using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The logarithm of the sum along some axes.</summary>
public sealed class ReduceLogSum() : AccumulatingReduction("reduce_log_sum", "The logarithm of the sum along some axes.", ReductionKind.LogSum, "ReduceLogSum", takesWhole: false)
{
    private protected override double Take(double sum, double x) => sum + x;

    private protected override double Finish(double sum, double count) => Math.Log(sum);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g / y.Apply("exp");
}
