namespace EmbeddingWeb;

/// <summary>A class and how likely it is.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Probability">0 to 1; those of all classes add up to 1.</param>
internal sealed record ClassProbability(string Name, double Probability);
