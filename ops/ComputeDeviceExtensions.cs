using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;

namespace VkNet.Operators;

/// <summary>Loads graph files onto a device in one step, with the operators of <see cref="StandardOperators"/>.</summary>
public static class ComputeDeviceExtensions
{
    /// <summary>Reads a graph file, compiles it and loads it with its weights, without blocking the caller's thread.</summary>
    /// <param name="device">Where it will run.</param>
    /// <param name="path">The graph file.</param>
    /// <param name="bindings">Sizes of its symbols; null takes 1 for each.</param>
    /// <param name="weights">Its parameters; null takes the weights file that it names, if it names one.</param>
    /// <param name="cancellation">Abandons it between its steps.</param>
    /// <exception cref="VkNetException">VKN1, VKN2: the file is wrong; VKN6: a file cannot be read, or parameters have no values; VKN4: the device cannot.</exception>
    public static Task<CompiledModel> LoadAsync(this ComputeDevice device, string path, Bindings? bindings = null, IWeightSource? weights = null, CancellationToken cancellation = default) =>
        LoadAsync(device, () => GraphFile.Load(path, StandardOperators.Registry), bindings, weights, cancellation);

    /// <summary>As <see cref="LoadAsync(ComputeDevice, string, Bindings?, IWeightSource?, CancellationToken)"/>, from a stream.</summary>
    /// <param name="device">Where it will run.</param>
    /// <param name="graph">The text of a graph file, read to its end and not closed.</param>
    /// <param name="bindings">Sizes of its symbols; null takes 1 for each.</param>
    /// <param name="weights">Its parameters; null takes the weights file that it names, if it names one.</param>
    /// <param name="cancellation">Abandons it between its steps.</param>
    /// <exception cref="VkNetException">As for files.</exception>
    public static Task<CompiledModel> LoadAsync(this ComputeDevice device, Stream graph, Bindings? bindings = null, IWeightSource? weights = null, CancellationToken cancellation = default) =>
        LoadAsync(device, () => GraphFile.Load(graph, StandardOperators.Registry), bindings, weights, cancellation);

    private static async Task<CompiledModel> LoadAsync(ComputeDevice device, Func<ModelDefinition> read, Bindings? bindings, IWeightSource? weights, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(device);
        var model = await Task.Run(read, cancellation).ConfigureAwait(false);
        weights ??= model.WeightsFile is { } file ? new TensorWeights(SafetensorsFile.Load(file)) : null;
        return await CompiledModel.LoadAsync(device, model, bindings ?? new Bindings { OpenSymbols = 1 }, weights, cancellation: cancellation).ConfigureAwait(false);
    }
}
