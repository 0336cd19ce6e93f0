namespace VkNet.Execution;

/// <summary>What tuning found for one kind of node.</summary>
/// <param name="Key">The kind: see <see cref="Compilation.TuningTable.KeyOf"/>.</param>
/// <param name="Variant">The fastest variant; null when the default choice is as fast.</param>
/// <param name="Milliseconds">Its median time.</param>
/// <param name="DefaultMilliseconds">The median time of the default choice.</param>
/// <param name="Tried">Median time of every way tried, by the kernels that ran.</param>
/// <param name="Wrong">Variants whose result was wrong, which are never chosen.</param>
public sealed record TuningResult(string Key, string? Variant, double Milliseconds, double DefaultMilliseconds, IReadOnlyDictionary<string, double> Tried, IReadOnlyList<string> Wrong);
