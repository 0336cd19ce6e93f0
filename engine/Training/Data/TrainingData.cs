namespace VkNet.Training;

/// <summary>All data of a training.</summary>
/// <param name="Train">What is learnt from.</param>
/// <param name="Feeds">Which input takes what.</param>
public sealed record TrainingData(DataPart Train, IReadOnlyList<DataFeed> Feeds)
{
    /// <summary>What is looked at after every epoch; null for none.</summary>
    public DataPart? Validation { get; init; }

    /// <summary>What the final figures are from; null for none.</summary>
    public DataPart? Test { get; init; }
}
