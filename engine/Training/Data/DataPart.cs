namespace VkNet.Training;

/// <summary>A source with what is done to its examples.</summary>
/// <param name="Source">The examples.</param>
public sealed record DataPart(IDataSource Source)
{
    /// <summary>How its numbers are scaled: pictures where the source has any, else all real columns.</summary>
    public PictureNormalization Normalization { get; init; } = PictureNormalization.None;

    /// <summary>Random changes of its pictures; null for none.</summary>
    public Augmentation? Augmentation { get; init; }

    /// <summary>The order of its examples; for evaluation they stay as the source has them.</summary>
    public DataOrder Order { get; init; }
}
