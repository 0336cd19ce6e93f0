namespace VkNet.Training;

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All its epochs or iterations are done.</summary>
    Finished,

    /// <summary>It no longer improved.</summary>
    StoppedEarly,

    /// <summary>It was cancelled; it can be resumed.</summary>
    Cancelled,
}
