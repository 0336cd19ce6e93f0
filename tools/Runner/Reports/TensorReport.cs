using System.Globalization;
using VkNet.Tensors;

namespace VkNet.Runner.Reports;

/// <summary>One line about a tensor: its values when they are few, else their range.</summary>
internal static class TensorReport
{
    internal static string Line(string name, Tensor tensor)
    {
        if (tensor.Count <= 16)
            return $"{name}: {tensor.Type} = {string.Join(" ", ElementConversion.LoadReals(tensor).Select(v => v.ToString("G6", CultureInfo.InvariantCulture)))}";
        var statistics = TensorStatistics.Of(tensor);
        var nans = statistics.NaNs > 0 ? $", {statistics.NaNs} NaN" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {tensor.Type}, min {statistics.Minimum:G6}, max {statistics.Maximum:G6}, mean {statistics.Mean:G6}{nans}");
    }
}
