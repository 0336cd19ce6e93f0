namespace VkNet.Training;

/// <summary>
/// Implemented by operators that move parameters along their gradients. Such an operator takes the learning rate, the step number
/// (from 1, as a real), optionally a guard and the gradients' norm, and then, for k tensors, k parameters, k gradients and k of each
/// carried tensor; it gives the k new parameters and the k new values of each carried tensor.
/// </summary>
public interface IOptimizer
{
    /// <summary>Names of the tensors carried for each parameter, in order; all of the parameter's type, and zero before the first step.</summary>
    IReadOnlyList<string> StateNames { get; }
}
