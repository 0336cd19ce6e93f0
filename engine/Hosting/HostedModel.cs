using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Hosting;

/// <summary>A model as the container holds it: a runner, with a batcher in front of it where that is wanted; made anew when the device was lost.</summary>
internal sealed class HostedModel : IVkNetModel, IAsyncDisposable, IDisposable
{
    private readonly VkNetDevice _device;
    private readonly ModelOptions _options;
    private readonly ModelDefinition _model;
    private readonly IWeightSource _weights;
    private readonly Lock _lock = new();
    private readonly List<Task> _retired = [];
    private Instance? _instance;
    private bool _disposed;

    internal HostedModel(string name, VkNetDevice device, ModelOptions options)
    {
        (_device, _options) = (device, options);
        _model = options.Model?.Invoke() ?? throw new VkNetException("VKN7040", $"model '{name}' of the container has no definition", "set ModelOptions.Model, or give AddModel a graph file");
        _weights = options.Weights?.Invoke() ?? (_model.WeightsFile is { } file ? new TensorWeights(SafetensorsFile.Load(file)) : TensorWeights.Empty);
        Current();
    }

    public Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default) => Current().RunAsync(inputs, cancellation);

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            Retire();
        }
        await Task.WhenAll(_retired).ConfigureAwait(false);
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    // Requests that a lost device had already taken fail; the first one after that opens the device again.
    private Instance Current()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_instance is { Device: { IsLost: false, IsDisposed: false } }) return _instance;
            Retire();
            return _instance = new Instance(_device.Current, _model, _weights, _options);
        }
    }

    private void Retire()
    {
        if (_instance is not { } old) return;
        _instance = null;
        _retired.RemoveAll(t => t.IsCompleted);
        _retired.Add(Task.Run(async () => await old.DisposeAsync().ConfigureAwait(false)));
    }

    /// <summary>The model on one device.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly ModelRunner _runner;
        private readonly RequestBatcher? _batcher;

        internal Instance(ComputeDevice device, ModelDefinition model, IWeightSource weights, ModelOptions options)
        {
            Device = device;
            _runner = new ModelRunner(device, model, weights, options.Runner);
            if (options.MaximumBatch > 1) _batcher = new RequestBatcher(_runner, options.MaximumBatch, options.BatchDelay);
        }

        internal ComputeDevice Device { get; }

        public async ValueTask DisposeAsync()
        {
            if (_batcher is not null) await _batcher.DisposeAsync().ConfigureAwait(false);
            _runner.Dispose();
        }

        internal Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation) =>
            _batcher is null ? _runner.RunAsync(inputs, cancellation) : _batcher.RunAsync(inputs, cancellation);
    }
}
