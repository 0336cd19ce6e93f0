using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Measures how far a step moved parameters in relation to their size.</summary>
internal static class UpdateMeasure
{
    internal static IReadOnlyList<KeyValuePair<string, double>> Ratios(IReadOnlyDictionary<string, Tensor> before, IReadOnlyDictionary<string, Tensor> after) =>
    [
        .. before.Select(p =>
        {
            var (old, now) = (ElementConversion.LoadReals(p.Value), ElementConversion.LoadReals(after[p.Key]));
            var moved = Math.Sqrt(old.Zip(now, (a, b) => (b - a) * (b - a)).Sum());
            var size = Math.Sqrt(old.Sum(v => v * v));
            return new KeyValuePair<string, double>(p.Key, size > 0 ? moved / size : 0);
        }),
    ];
}
