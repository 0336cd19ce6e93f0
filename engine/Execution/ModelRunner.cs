using System.Diagnostics;
using System.Text;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>
/// Runs a model for inputs of any sizes: a plan is compiled when a combination of sizes, and of values that decide sizes, is first seen, and
/// kept for the next time. Runs may be started from any threads; the first of a new combination compiles while the others go on.
/// </summary>
/// <remarks>
/// The plans share their weights: each is uploaded, and packed in each way that some plan wants, once. Models that carry state from run to
/// run keep one state per plan.
/// </remarks>
public sealed class ModelRunner : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly IWeightSource _weights;
    private readonly ModelRunnerOptions _options;
    private readonly SharedConstants _constants;
    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _entries = [];
    private bool _disposed;

    /// <summary>Makes a runner; nothing is compiled yet.</summary>
    /// <param name="device">The device; it must outlive the runner.</param>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its parameters; null when it has none.</param>
    /// <param name="options">How plans are kept; null for the defaults.</param>
    public ModelRunner(ComputeDevice device, ModelDefinition model, IWeightSource? weights = null, ModelRunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(model);
        (_device, Model, _weights, _options) = (device, model, weights ?? TensorWeights.Empty, options ?? new ModelRunnerOptions());
        _constants = new SharedConstants(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Plans, 1, nameof(options));
    }

    /// <summary>The model.</summary>
    public ModelDefinition Model { get; }

    /// <summary>Number of plans kept at the moment.</summary>
    public int PlanCount
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>Runs once and waits.</summary>
    /// <param name="inputs">A tensor for every input, by name.</param>
    /// <returns>The outputs by name, in new tensors.</returns>
    /// <exception cref="VkNetException">VKN2xxx: inputs that are missing, unknown, or do not fit the model; VKN4xxx: the device cannot.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        while (true)
        {
            var entry = Rent(inputs);
            try
            {
                var session = entry.Session.Value;
                if (entry.Fits(inputs)) return session.Run(inputs);
            }
            finally
            {
                Return(entry);
            }
        }
    }

    /// <summary>Runs once without blocking a thread while the device works.</summary>
    /// <param name="inputs">A tensor for every input, by name.</param>
    /// <param name="cancellation">Abandons a run that has not been submitted.</param>
    public async Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default)
    {
        while (true)
        {
            var entry = Rent(inputs);
            try
            {
                var session = entry.Session.IsValueCreated ? entry.Session.Value : await Task.Run(() => entry.Session.Value, cancellation).ConfigureAwait(false);
                if (entry.Fits(inputs)) return await session.RunAsync(inputs, cancellation).ConfigureAwait(false);
            }
            finally
            {
                Return(entry);
            }
        }
    }

    /// <summary>Frees all plans; those that still run are freed when they have finished.</summary>
    public void Dispose()
    {
        List<Entry> idle = [];
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            while (_entries.First is { } node) Drop(node, idle);
        }
        foreach (var entry in idle) entry.Free();
    }

    private Entry Rent(IReadOnlyDictionary<string, Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var key = KeyOf(inputs);
        List<Entry> idle = [];
        Entry found;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var node = _entries.First;
            while (node is not null && !(node.Value.Key == key && node.Value.Fits(inputs))) node = node.Next;
            if (node is null) node = new LinkedListNode<Entry>(new Entry(key, () => Compile(inputs)));
            else _entries.Remove(node);
            _entries.AddFirst(node);
            found = node.Value;
            found.Users++;
            while (_entries.Count > _options.Plans) Drop(_entries.Last!, idle);
        }
        foreach (var entry in idle) entry.Free();
        return found;
    }

    private void Return(Entry entry)
    {
        bool free;
        lock (_lock)
        {
            entry.Users--;
            // A combination that could not be compiled is not remembered: the next try may have other weights or more memory.
            if (!entry.Session.IsValueCreated && !entry.IsDropped && entry.Users == 0) Drop(_entries.Find(entry)!, []);
            free = entry is { IsDropped: true, Users: 0 };
        }
        if (free) entry.Free();
    }

    private void Drop(LinkedListNode<Entry> node, List<Entry> idle)
    {
        _entries.Remove(node);
        node.Value.IsDropped = true;
        if (node.Value.Users == 0) idle.Add(node.Value);
    }

    private InferenceSession Compile(IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var activity = Telemetry.Source.StartActivity("vknet.compile");
        var start = Stopwatch.GetTimestamp();
        var options = new CompilerOptions { Profile = _device.Profile };
        var graph = Model.BuildFor(inputs, _options.Symbols);
        var model = CompiledModel.Load(_device, GraphCompiler.Compile(graph, _options.Configure?.Invoke(options) ?? options), _weights, _constants);
        try
        {
            var session = model.CreateSession(_options.Slots);
            Telemetry.RecordCompilation(Model.Name, start);
            return session;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static string KeyOf(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var key = new StringBuilder();
        foreach (var (name, tensor) in inputs.OrderBy(i => i.Key, StringComparer.Ordinal)) key.Append(name).Append(':').Append(tensor.Type).Append(';');
        return key.ToString();
    }

    /// <summary>A plan with its session, made by the first to run it.</summary>
    private sealed class Entry(string key, Func<InferenceSession> make)
    {
        internal string Key { get; } = key;

        internal Lazy<InferenceSession> Session { get; } = new(make);

        internal int Users { get; set; }

        internal bool IsDropped { get; set; }

        // Which inputs' values decide sizes is known only when the plan is made. While that goes on, others with the same sizes wait for it,
        // and look again if it turns out to be for other values.
        internal bool Fits(IReadOnlyDictionary<string, Tensor> inputs)
        {
            if (!Session.IsValueCreated) return true;
            foreach (var (name, bound) in Session.Value.Model.Plan.BoundValues)
                if (inputs.TryGetValue(name, out var given) && (given.Type != bound.Type || !given.Bytes().SequenceEqual(bound.Bytes()))) return false;
            return true;
        }

        internal void Free()
        {
            if (!Session.IsValueCreated) return;
            Session.Value.Dispose();
            Session.Value.Model.Dispose();
        }
    }
}
