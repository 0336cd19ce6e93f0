using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Runs training steps: forward, backward and update are one recording, replayed; a step allocates nothing on the device, and no weight
/// leaves it. Not thread-safe.
/// </summary>
public sealed class TrainingSession : IDisposable
{
    private readonly CompiledModel _model;
    private readonly InferenceSession _session;
    private readonly bool _ownsStore;
    private readonly Queue<SessionSlot> _running = new();
    private readonly Tensor[] _outputs;
    private readonly int _slots;
    private readonly bool _hasCounter;

    /// <summary>Compiles a training graph and makes its session.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="graph">The training graph.</param>
    /// <param name="weights">Initial values of the parameters; those of a store that has them already are left as they are.</param>
    /// <param name="store">Carried tensors shared with other sessions; null for a store of its own.</param>
    /// <param name="slots">Steps that may be in flight at once: inputs of the next are staged while one runs.</param>
    /// <param name="profile">Whether every call is timed.</param>
    /// <param name="configure">Changes to the compiler's options.</param>
    /// <exception cref="VkNetException">VKN6401, VKN6402: a parameter has no value, or one of another shape; VKN4xxx: the device cannot.</exception>
    public TrainingSession(ComputeDevice device, TrainingGraph graph, IWeightSource weights, WeightStore? store = null, int slots = 2, bool profile = false, Func<CompilerOptions, CompilerOptions>? configure = null)
    {
        Graph = graph;
        _slots = slots;
        _ownsStore = store is null;
        Weights = store ?? new WeightStore(device);
        var options = new CompilerOptions { Profile = device.Profile, Training = true, MayFollow = Weights.MayFollow };
        try
        {
            _model = CompiledModel.Load(device, GraphCompiler.Compile(graph.Graph, configure?.Invoke(options) ?? options), weights);
            var fresh = Weights.Add(_model.Plan).ToHashSet(StringComparer.Ordinal);
            foreach (var state in graph.Graph.States)
                if (fresh.Contains(state.Input.Name)) Weights.Write(state.Input.Name, InitialValue(graph.Graph, state.Input, weights));
            _session = _model.CreateSession(Weights, slots, profile);
        }
        catch
        {
            _model?.Dispose();
            if (_ownsStore) Weights.Dispose();
            throw;
        }
        _outputs = _session.AllocateOutputs();
        _hasCounter = _model.Plan.RunValues.Any(r => r.Key == TrainingModeContext.CounterName);
    }

    /// <summary>The graph that a step runs.</summary>
    public TrainingGraph Graph { get; }

    /// <summary>The parameters and what their optimizer carries.</summary>
    public WeightStore Weights { get; }

    /// <summary>The learning rate of the steps submitted from now on.</summary>
    public double LearningRate { get; set; } = 0.01;

    /// <summary>Number of steps submitted so far; the next one is one more. Set it to go on from a checkpoint.</summary>
    public long StepCount { get; set; }

    /// <summary>The plan that a step replays.</summary>
    public ExecutionPlan Plan => _model.Plan;

    /// <summary>Names and types of the inputs, in order.</summary>
    public IEnumerable<KeyValuePair<string, TensorType>> Inputs => _model.Plan.Inputs.Select(i => new KeyValuePair<string, TensorType>(i.Key, i.Value.Type));

    /// <summary>Device time of every call of the last completed step in nanoseconds; null unless the session profiles.</summary>
    public IReadOnlyList<double>? LastTimings => _session.LastTimings;

    /// <summary>Whether another step can be submitted before one is completed.</summary>
    public bool CanSubmit => _running.Count < _slots;

    /// <summary>Number of steps submitted and not completed.</summary>
    public int InFlight => _running.Count;

    /// <summary>Makes one step and waits for it.</summary>
    /// <param name="inputs">A tensor for every input, in order.</param>
    /// <returns>The loss before the step, and the metrics.</returns>
    public TrainingResult Step(ReadOnlySpan<Tensor> inputs)
    {
        Submit(inputs);
        return Complete();
    }

    /// <summary>Makes one step and waits for it.</summary>
    /// <param name="inputs">A tensor for every input, by name.</param>
    /// <exception cref="VkNetException">VKN2201: an input is missing.</exception>
    public TrainingResult Step(IReadOnlyDictionary<string, Tensor> inputs) => Step(
        [.. Inputs.Select(i => inputs.TryGetValue(i.Key, out var tensor) ? tensor : throw new VkNetException("VKN2201", $"input '{i.Key}' ({i.Value}) is missing"))]);

    /// <summary>Submits a step without waiting for it. The tensors may be used again at once.</summary>
    /// <exception cref="InvalidOperationException">As many steps as there are slots are in flight.</exception>
    public void Submit(ReadOnlySpan<Tensor> inputs)
    {
        if (!CanSubmit) throw new InvalidOperationException($"{_slots} steps are in flight; complete one first");
        _session.SetRunValue(TrainingGraph.LearningRateName, (float)LearningRate);
        _session.SetRunValue(TrainingGraph.StepName, (float)(StepCount + 1));
        if (_hasCounter) _session.SetRunValue(TrainingModeContext.CounterName, unchecked((int)(StepCount + 1)));
        _running.Enqueue(_session.Begin(inputs));
        StepCount++;
    }

    /// <summary>Waits for the oldest step in flight.</summary>
    public TrainingResult Complete()
    {
        _session.End(_running.Dequeue(), _outputs);
        return new TrainingResult(_outputs);
    }

    /// <summary>Waits for what is in flight and frees the memory.</summary>
    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
        if (_ownsStore) Weights.Dispose();
    }

    // What is kept of a parameter starts where it does itself, unless the weights have it.
    private static Tensor InitialValue(Graph graph, Value state, IWeightSource weights)
    {
        if (state.Data is { } data) return data;
        var parameter = weights.Names.Contains(state.Name) ? state : graph.Parameters.FirstOrDefault(p => TrainingGraph.KeptOf(p.Name) == state.Name) ?? state;
        return CompiledModel.FindParameter(weights, parameter) ?? throw CompiledModel.MissingWeights([$"{parameter.Name} {parameter.Type}"], weights);
    }
}
