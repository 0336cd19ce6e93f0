using VkNet.Tensors;

namespace VkNet.Hosting;

/// <summary>A model of a container, ready to run from any thread.</summary>
public interface IVkNetModel
{
    /// <summary>Runs the model.</summary>
    /// <param name="inputs">A tensor for every input, by name.</param>
    /// <param name="cancellation">Abandons a run that has not been submitted.</param>
    /// <returns>The outputs by name, in new tensors.</returns>
    /// <exception cref="VkNetException">VKN2xxx: the inputs do not fit the model; VKN4xxx: the device cannot.</exception>
    Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default);
}
