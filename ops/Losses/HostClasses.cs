namespace VkNet.Operators.Losses;

/// <summary>What host evaluators of softmax and the losses share.</summary>
internal static class HostClasses
{
    /// <summary>The largest element of a row (NaN if any is) and the sum of e^(x - largest).</summary>
    public static (double Largest, double Total) LogSum(double[] values, AxisRows rows, long row)
    {
        var largest = double.NegativeInfinity;
        for (var i = 0L; i < rows.Extent; i++) largest = Math.Max(largest, values[rows.Place(row, i)]);
        var total = 0.0;
        for (var i = 0L; i < rows.Extent; i++) total += Math.Exp(values[rows.Place(row, i)] - largest);
        return (largest, total);
    }
}
