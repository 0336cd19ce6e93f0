namespace VkNet.Training;

/// <summary>How numbers of a column become a network's input: (x - mean) / deviation, for each channel or for all alike.</summary>
/// <param name="Means">One mean, or one for each channel.</param>
/// <param name="Deviations">One standard deviation, or one for each channel; none is zero.</param>
public sealed record PictureNormalization(IReadOnlyList<double> Means, IReadOnlyList<double> Deviations)
{
    /// <summary>Leaves numbers as they are.</summary>
    public static PictureNormalization None { get; } = new([0.0], [1.0]);

    /// <summary>What samples of a picture are at white: 1, or 255 for networks that take bytes.</summary>
    public double Range { get; init; } = 1;

    /// <summary>Factor and summand of a channel, applied to samples of 0 to 1 (pictures) or to plain numbers.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="isPicture">Whether <see cref="Range"/> applies.</param>
    internal (float Scale, float Offset) Channel(int channel, bool isPicture)
    {
        var (mean, deviation) = (Means[Means.Count == 1 ? 0 : channel], Deviations[Deviations.Count == 1 ? 0 : channel]);
        return ((float)((isPicture ? Range : 1) / deviation), (float)(-mean / deviation));
    }
}
