using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>
/// Implemented by operators that compute something else in training than in inference (dropout, batch normalisation). A training graph is
/// built with the training form in the node's place, before gradients are taken and before any pass of the compiler.
/// </summary>
public interface ITrainingMode
{
    /// <summary>Adds the training form of a node to a graph.</summary>
    /// <param name="context">The node, its inputs in the graph being built, and what training forms need.</param>
    /// <returns>The values that stand for the node's outputs, in order.</returns>
    IReadOnlyList<Value> BuildTraining(TrainingModeContext context);
}
