using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>One plan of a training: what it minimises, with respect to what, how, and how often.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Loss">Builds the loss: a real scalar.</param>
/// <param name="Optimizer">How parameters are moved.</param>
public sealed record RecipeStep(string Name, Func<ObjectiveContext, Value> Loss, OptimizerOptions Optimizer)
{
    /// <summary>Patterns (<c>*</c> stands for anything) of what is trained: parameters, or inputs by their full name.</summary>
    public IReadOnlyList<string> WithRespectTo { get; init; } = ["*"];

    /// <summary>It runs in every so many iterations.</summary>
    public long Every { get; init; } = 1;

    /// <summary>How its learning rate changes.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;
}
