namespace VkNet.Training;

/// <summary>In which order a training goes through its examples.</summary>
public enum DataOrder
{
    /// <summary>In a new random order in every epoch.</summary>
    Shuffled,

    /// <summary>As the source has them.</summary>
    Sequential,

    /// <summary>Each row of a batch walks through a part of the source of its own, so that state carried from batch to batch fits.</summary>
    Streams,
}
