using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Hosting;

/// <summary>A model as the container holds it: a runner, with a batcher in front of it where that is wanted.</summary>
internal sealed class HostedModel : IVkNetModel, IAsyncDisposable, IDisposable
{
    private readonly ModelRunner _runner;
    private readonly RequestBatcher? _batcher;

    internal HostedModel(string name, ComputeDevice device, ModelOptions options)
    {
        var model = options.Model?.Invoke() ?? throw new VkNetException("VKN7040", $"model '{name}' of the container has no definition", "set ModelOptions.Model, or give AddModel a graph file");
        var weights = options.Weights?.Invoke() ?? (model.WeightsFile is { } file ? new TensorWeights(SafetensorsFile.Load(file)) : TensorWeights.Empty);
        _runner = new ModelRunner(device, model, weights, options.Runner);
        if (options.MaximumBatch > 1) _batcher = new RequestBatcher(_runner, options.MaximumBatch, options.BatchDelay);
    }

    public Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default) =>
        _batcher is null ? _runner.RunAsync(inputs, cancellation) : _batcher.RunAsync(inputs, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_batcher is not null) await _batcher.DisposeAsync().ConfigureAwait(false);
        _runner.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
