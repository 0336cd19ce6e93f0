namespace VkNet.Training;

/// <summary>Parameters that follow others: target = (1 - rate) target + rate source. They begin as copies.</summary>
/// <param name="From">Pattern of the sources; what its <c>*</c> stands for is put into <paramref name="To"/>.</param>
/// <param name="To">Pattern of the targets.</param>
/// <param name="Rate">Share of the source; 1 copies it.</param>
/// <param name="Every">Iterations between two copies.</param>
public sealed record RecipeCopy(string From, string To, double Rate, long Every);
