namespace VkNet.Operators.Normalization;

/// <summary>Statistics on the host, in double.</summary>
internal static class HostNormalization
{
    /// <summary>Mean and variance (divided by the number of elements) of every group.</summary>
    public static (double[] Mean, double[] Variance) Statistics(double[] values, ElementGroups groups)
    {
        var (mean, variance) = (new double[groups.Count], new double[groups.Count]);
        for (long group = 0; group < groups.Count; group++)
        {
            double sum = 0, squares = 0;
            for (long i = 0; i < groups.Size; i++) sum += values[groups.Place(group, i)];
            mean[group] = sum / groups.Size;
            for (long i = 0; i < groups.Size; i++)
            {
                var difference = values[groups.Place(group, i)] - mean[group];
                squares += difference * difference;
            }
            variance[group] = squares / groups.Size;
        }
        return (mean, variance);
    }

    /// <summary>Replaces every element by (x - mean) * factor * scale + shift, with mean and factor of its group.</summary>
    public static void Apply(double[] values, ElementGroups groups, Func<long, double> mean, Func<long, double> factor, double[]? scale, double[]? shift, ScalePlacement placement)
    {
        for (long group = 0; group < groups.Count; group++)
        for (long i = 0; i < groups.Size; i++)
        {
            var (place, index) = (groups.Place(group, i), placement.Index(group, i));
            values[place] = (values[place] - mean(group)) * factor(group) * (scale?[index] ?? 1) + (shift?[index] ?? 0);
        }
    }
}
