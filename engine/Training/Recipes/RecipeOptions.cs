using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>What a recipe is read with beside its text.</summary>
public sealed record RecipeOptions
{
    /// <summary>The folder in which the recipe's data files lie; null for the recipe's own.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Values that replace or add to the recipe's, by their path: <c>optimizer.lr</c> and <c>0.01</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Overrides { get; init; } = [];

    /// <summary>Loads the model from a path; null reads graph files.</summary>
    public Func<string, ModelDefinition>? LoadModel { get; init; }
}
