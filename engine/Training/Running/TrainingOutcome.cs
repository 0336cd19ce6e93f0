namespace VkNet.Training;

/// <summary>What a training came to.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="Iterations">Iterations done.</param>
/// <param name="Train">Means over the last whole epoch's steps (over the steps since, where none was whole).</param>
/// <param name="Validation">Of the validation data with the weights kept; null without any.</param>
/// <param name="Test">Of the test data with the weights kept; null without any.</param>
/// <param name="CheckpointFile">The last checkpoint; null where none is written.</param>
/// <param name="WeightsFile">The weights kept; null where none are written.</param>
public sealed record TrainingOutcome(TrainingEnd End, long Iterations, Figures Train, Figures? Validation, Figures? Test, string? CheckpointFile, string? WeightsFile);
