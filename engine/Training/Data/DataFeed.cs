namespace VkNet.Training;

/// <summary>What one input of the graph (or of the loss) is fed with: a column of the data, or random numbers.</summary>
/// <param name="Input">The input's name.</param>
/// <param name="Column">The column; null for random numbers.</param>
/// <param name="Random">The random numbers; null for a column.</param>
public sealed record DataFeed(string Input, string? Column, RandomFeed? Random = null)
{
    /// <summary>Where the recipe says so.</summary>
    public SourceLocation? Location { get; init; }
}
