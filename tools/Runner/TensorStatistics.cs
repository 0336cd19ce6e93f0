using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Least, greatest and mean value of a tensor; NaN is left out and counted.</summary>
internal readonly record struct TensorStatistics(double Minimum, double Maximum, double Mean, long NaNs)
{
    internal static TensorStatistics Of(Tensor tensor)
    {
        double least = double.PositiveInfinity, greatest = double.NegativeInfinity, sum = 0;
        long count = 0, nans = 0;
        foreach (var value in ElementConversion.LoadReals(tensor))
        {
            if (double.IsNaN(value))
            {
                nans++;
                continue;
            }
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
            sum += value;
            count++;
        }
        return count == 0 ? new TensorStatistics(double.NaN, double.NaN, double.NaN, nans) : new TensorStatistics(least, greatest, sum / count, nans);
    }
}
