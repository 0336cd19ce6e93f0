using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Implemented by optimizers that move all parameters together, along one line at a time (quasi-Newton methods). Such an operator takes the
/// learning rate, the step number (from 1, as a real), the loss, and then, for k parameters, the k parameters, their k gradients, the k
/// values kept and the shared tensors; it gives the k new parameters, the k values kept and the new shared tensors. The parameters are
/// where the loss is looked at next; the values kept are the best found, and are what is evaluated and saved.
/// </summary>
public interface IJointOptimizer : IOptimizer
{
    /// <summary>
    /// Lengths tried along one line before the search begins anew. A trial whose loss is not finite is one that went too far; only when the
    /// first loss of all is not finite, or none is along two lines in succession, the training ends.
    /// </summary>
    int MaximumTrials { get; }

    /// <summary>Names and types of the tensors carried for all parameters together, in order; all are zero before the first step.</summary>
    /// <param name="attributes">The optimizer's attributes.</param>
    /// <param name="elements">Numbers in all parameters together.</param>
    IReadOnlyList<KeyValuePair<string, TensorType>> SharedStates(AttributeSet attributes, long elements);
}
