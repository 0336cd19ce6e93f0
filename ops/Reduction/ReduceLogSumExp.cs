using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The logarithm of the sum of exponentials along some axes, computed without overflow.</summary>
public sealed class ReduceLogSumExp() : ReductionOperator("reduce_log_sum_exp", "The logarithm of the sum of exponentials along some axes, computed without overflow.", ReductionKind.LogSumExp, "ReduceLogSumExp", takesWhole: false)
{
    private protected override double[] Fold(double[] values, int[] target, int count)
    {
        var (largest, sums) = (new double[count], new double[count]);
        Array.Fill(largest, double.NegativeInfinity);
        for (var i = 0; i < values.Length; i++) largest[target[i]] = Math.Max(largest[target[i]], values[i]);
        for (var i = 0; i < values.Length; i++)
        {
            var shift = largest[target[i]];
            sums[target[i]] += double.IsInfinity(shift) ? (values[i] == shift ? 1 : 0) : Math.Exp(values[i] - shift);
        }
        for (var i = 0; i < count; i++) sums[i] = double.IsInfinity(largest[i]) ? largest[i] : Math.Log(sums[i]) + largest[i];
        return sums;
    }

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g * (x - y).Apply("exp");
}
