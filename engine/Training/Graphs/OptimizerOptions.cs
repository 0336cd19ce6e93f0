using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>How parameters are moved along their gradients.</summary>
/// <param name="Operator">The optimizer's operator: <c>sgd</c>, <c>momentum</c>, <c>nesterov</c>, <c>adagrad</c>, <c>adadelta</c>, <c>rmsprop</c>, <c>adam</c>, <c>adamw</c>, <c>lbfgs</c>.</param>
/// <param name="LearningRate">The learning rate before the schedule.</param>
public sealed record OptimizerOptions(string Operator, double LearningRate)
{
    /// <summary>The operator's attributes: its own numbers, <c>l1</c>, <c>l2</c>, <c>clip_value</c>, <c>clip_norm</c>.</summary>
    public AttributeSet Attributes { get; init; } = AttributeSet.Empty;

    /// <summary>Share of the running average of the weights that is kept in a step (Polyak averaging); 0 for no average. With an average, it is what is evaluated and saved as the weights.</summary>
    public double AverageDecay { get; init; }
}
