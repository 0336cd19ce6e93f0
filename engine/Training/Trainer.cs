using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Carries out a recipe: compiles its plans, feeds them with batches made ahead on other threads, evaluates, keeps the best snapshot,
/// writes checkpoints. The same recipe, seed, device and driver give the same bits, also when it is interrupted and resumed.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly TrainerOptions _options;
    private readonly IWeightSource _weights;
    private readonly Graph _model;
    private readonly WeightStore _store;
    private readonly List<PlanRunner> _plans = [];
    private readonly List<CopyRunner> _copies = [];
    private readonly BatchOrder _order;
    private readonly TrainingMemory _memory;
    private readonly Stopwatch _clock = new();
    private readonly Dictionary<DataPart, Evaluator> _evaluators = [];
    private Figures? _lastEpoch;
    private long _started;

    /// <summary>Compiles the plans of a recipe and initialises the weights, or takes them from a checkpoint.</summary>
    /// <exception cref="VkNetException">VKN5xxx: the recipe does not fit its model or data; VKN5031: the checkpoint is of another architecture; VKN4xxx: the device cannot.</exception>
    public Trainer(ComputeDevice device, Recipe recipe, TrainerOptions? options = null)
    {
        (_device, Recipe, _options) = (device, recipe, options ?? new TrainerOptions());
        if (recipe.Batch > recipe.Data.Train.Source.Count)
            throw new VkNetException("VKN5113", $"a batch of {recipe.Batch} is more than the {recipe.Data.Train.Source.Count} training examples", $"take at most {recipe.Data.Train.Source.Count}");
        var first = _options.Resume is { } resume ? new TensorWeights(resume.Tensors) : recipe.Weights;
        _weights = new InitializedWeights(recipe.Seed, first);
        _model = recipe.Model.Build(FeedBinding.Bind(recipe.Model, recipe.Bind, recipe.Data, recipe.LearntInputs, recipe.Batch));
        LabelCheck.Check(recipe, _model);
        if (_options.Resume is { } given) CheckArchitecture(given);
        _order = new BatchOrder(recipe.Data.Train.Source.Count, recipe.Batch, recipe.Data.Train.Order, recipe.Seed);
        Iterations = recipe.Iterations ?? recipe.Epochs * _order.BatchesPerEpoch;
        _store = new WeightStore(device);
        _memory = new TrainingMemory(recipe);
        try
        {
            // With several plans every parameter is carried, because a plan reads what another one trains.
            IReadOnlyList<string>? shared = recipe.Steps.Count > 1 || recipe.Copies.Count > 0 ? ["*"] : null;
            foreach (var step in recipe.Steps)
            {
                var graph = TrainingGraph.Build(_model, recipe.Objective(step, recipe.Batch), shared, recipe.Steps.Count > 1 ? $"{recipe.Name} {step.Name}" : null);
                if (graph.Unreached.Count > 0) _options.Note?.Invoke($"the loss of '{step.Name}' does not depend on {string.Join(", ", graph.Unreached)}");
                _plans.Add(new PlanRunner(step, new TrainingSession(device, graph, _weights, _store, profile: _options.Profile && _plans.Count == 0, configure: _options.Configure)));
            }
            foreach (var copy in recipe.Copies) _copies.Add(new CopyRunner(device, copy, _model, _store));
            if (_options.Resume is { } checkpoint) Resume(checkpoint);
            else Begin();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What is carried out.</summary>
    public Recipe Recipe { get; }

    /// <summary>Iterations in all, if the training does not stop early.</summary>
    public long Iterations { get; }

    /// <summary>Iterations done.</summary>
    public long Iteration { get; private set; }

    /// <summary>Iterations in an epoch.</summary>
    public long IterationsPerEpoch => _order.BatchesPerEpoch;

    /// <summary>The plans that an iteration runs, by the names of the recipe's steps.</summary>
    public IReadOnlyList<KeyValuePair<string, ExecutionPlan>> Plans => [.. _plans.Select(p => new KeyValuePair<string, ExecutionPlan>(p.Step.Name, p.Session.Plan))];

    /// <summary>Device time of every call of the first plan's last step in nanoseconds; null unless profiling.</summary>
    public IReadOnlyList<double>? LastTimings => _plans[0].Session.LastTimings;

    /// <summary>Time that the training has waited for batches.</summary>
    public TimeSpan WaitedForData { get; private set; }

    /// <summary>Trains to the end, or until it is cancelled.</summary>
    /// <param name="cancellation">Ends the training after the step being made; a checkpoint is written first.</param>
    /// <exception cref="VkNetException">VKN5201: the loss became NaN or infinite; the message names the node. VKN6003: a checkpoint cannot be written.</exception>
    public TrainingOutcome Run(CancellationToken cancellation = default)
    {
        PrepareFolder();
        _clock.Start();
        _started = Iteration;
        var end = TrainingEnd.Finished;
        var stream = Recipe.Data.Train.Source.IsSequence;
        using (var pipeline = Pipeline())
        {
            while (Iteration < Iterations)
            {
                if (cancellation.IsCancellationRequested)
                {
                    end = TrainingEnd.Cancelled;
                    break;
                }
                var epochEnds = (Iteration + 1) % _order.BatchesPerEpoch == 0;
                var before = epochEnds && _options.MeasuresUpdates ? Snapshot() : null;
                Iterate(pipeline.Take());
                ReportProgress();
                if (epochEnds)
                {
                    Drain();
                    if (!EndEpoch(before, cancellation)) end = TrainingEnd.StoppedEarly;
                    if (stream) ResetStates();
                    if (Recipe.CheckpointInterval is null) SaveCheckpoint();
                    if (end == TrainingEnd.StoppedEarly) break;
                }
                if (Recipe.CheckpointInterval is { } interval && Iteration % interval == 0)
                {
                    Drain();
                    SaveCheckpoint();
                }
            }
            Drain();
            WaitedForData += pipeline.Waited;
        }
        return Finish(end);
    }

    /// <summary>The weights as they would be kept now: the best snapshot where there is one, running averages where they are kept.</summary>
    public IReadOnlyDictionary<string, Tensor> ReadWeights() => _memory.Best ?? CurrentWeights();

    /// <summary>Measures a part of the data with the weights as they are.</summary>
    /// <param name="part">The data.</param>
    /// <param name="cancellation">Abandons it.</param>
    public Figures Evaluate(DataPart part, CancellationToken cancellation = default)
    {
        if (!_evaluators.TryGetValue(part, out var evaluator))
            _evaluators[part] = evaluator = new Evaluator(_device, Recipe, part, _store, _weights, _options.Configure, Workers);
        return evaluator.Run(cancellation);
    }

    /// <summary>Waits for what is in flight and frees the memory.</summary>
    public void Dispose()
    {
        foreach (var evaluator in _evaluators.Values) evaluator.Dispose();
        foreach (var copy in _copies) copy.Dispose();
        foreach (var plan in _plans) plan.Dispose();
        _store.Dispose();
    }

    private int Workers => _options.Workers ?? BatchPipeline.DefaultWorkers;

    private BatchPipeline Pipeline() => new([.. Enumerable.Range(0, Workers).Select(_ => Assembler())], Iteration, Iterations);

    private BatchAssembler Assembler() => new(Recipe.Data.Train, _order, Recipe.Data.Feeds, _plans[0].Session.Inputs, Recipe.Seed);

    private void Begin()
    {
        foreach (var copy in _copies) copy.Begin();
        if (!Recipe.ScalesLayers) return;
        var assembler = Assembler();
        var batch = assembler.Allocate();
        assembler.Fill(0, batch);
        LayerScaling.Apply(_device, _model, _store, _weights, _plans[0].Session.Inputs.Zip(batch).ToDictionary(p => p.First.Key, p => p.Second));
    }

    private void Iterate(Tensor[] batch)
    {
        foreach (var plan in _plans)
        {
            if (Iteration % plan.Step.Every != 0) continue;
            plan.Session.LearningRate = RateOf(plan);
            if (plan.Submit(Iteration, batch) is { } bad) throw NotFinite(plan, bad);
        }
        Iteration++;
        foreach (var copy in _copies)
            if (Iteration % copy.Copy.Every == 0) copy.Run();
    }

    private double RateOf(PlanRunner plan)
    {
        var perEpoch = Math.Max(1, _order.BatchesPerEpoch / plan.Step.Every);
        return plan.Step.Optimizer.LearningRate * plan.Step.Schedule.Factor(plan.Session.StepCount, perEpoch) * _memory.RateFactor;
    }

    private void Drain()
    {
        foreach (var plan in _plans)
            if (plan.Drain() is { } bad) throw NotFinite(plan, bad);
    }

    private void ReportProgress()
    {
        if (_options.Progress is not { } report) return;
        var plan = _plans[0];
        report(new TrainingProgress(Iteration, Iterations, (Iteration - 1) / _order.BatchesPerEpoch + 1, plan.LastLoss, plan.SmoothedLoss, plan.LastMetrics, plan.Session.LearningRate, (Iteration - _started) * Recipe.Batch, _clock.Elapsed));
    }

    // False when the training should stop.
    private bool EndEpoch(IReadOnlyDictionary<string, Tensor>? before, CancellationToken cancellation)
    {
        _lastEpoch = _plans[0].Means();
        foreach (var plan in _plans) plan.Reset();
        var part = Recipe.Data.Validation ?? Recipe.Data.Test;
        Figures? validation = null;
        try
        {
            validation = part is null ? null : Evaluate(part, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The epoch is done; the training ends before the next one, and the figures are measured again when it is resumed.
            return true;
        }
        var improved = _memory.Note(validation ?? _lastEpoch, CurrentWeights);
        _options.EpochDone?.Invoke(new EpochReport(Iteration / _order.BatchesPerEpoch, Iteration, _lastEpoch, validation, _plans[0].Session.LearningRate, improved, _clock.Elapsed)
        {
            UpdateRatios = before is null ? [] : UpdateMeasure.Ratios(before, Snapshot()),
        });
        return !_memory.ShouldStop;
    }

    private Dictionary<string, Tensor> Snapshot()
    {
        Drain();
        return _plans.SelectMany(p => p.Session.Graph.Trained).Distinct().ToDictionary(n => n, _store.Read, StringComparer.Ordinal);
    }

    private void ResetStates()
    {
        foreach (var state in _model.States)
            if (state.Input.Kind == ValueKind.State && _store.Contains(state.Input.Name)) _store.Write(state.Input.Name, state.Input.Data!);
    }

    private TrainingOutcome Finish(TrainingEnd end)
    {
        var train = _plans[0].Sums[0] > 0 && _lastEpoch is null ? _plans[0].Means() : _lastEpoch ?? _memory.LastEpoch ?? new Figures(double.NaN, []);
        SaveCheckpoint();
        var weightsFile = SaveWeights();
        if (end == TrainingEnd.Cancelled) return new TrainingOutcome(end, Iteration, train, null, null, CheckpointFile, weightsFile);
        if (_memory.Best is { } best)
            foreach (var (name, tensor) in best) WriteKept(name, tensor);
        return new TrainingOutcome(
            end, Iteration, train,
            Recipe.Data.Validation is { } validation ? Evaluate(validation) : null,
            Recipe.Data.Test is { } test ? Evaluate(test) : null,
            CheckpointFile, weightsFile);
    }

    private void WriteKept(string name, Tensor tensor)
    {
        if (_store.Contains(TrainingGraph.AverageOf(name))) _store.Write(TrainingGraph.AverageOf(name), tensor);
        else if (_store.Contains(name)) _store.Write(name, tensor);
    }

    private Dictionary<string, Tensor> CurrentWeights()
    {
        var weights = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var parameter in _plans.SelectMany(p => p.Session.Graph.Graph.Parameters))
        {
            if (weights.ContainsKey(parameter.Name) || parameter.Name.EndsWith(TrainingGraph.AverageOf(""), StringComparison.Ordinal)) continue;
            var average = TrainingGraph.AverageOf(parameter.Name);
            weights[parameter.Name] = _store.Contains(average) ? _store.Read(average) : _store.Contains(parameter.Name) ? _store.Read(parameter.Name) : _weights.Find(parameter)!;
        }
        return weights;
    }

    private VkNetException NotFinite(PlanRunner plan, long iteration)
    {
        var loss = plan.LastLoss;
        foreach (var other in _plans) other.Drain();
        var assembler = Assembler();
        var batch = assembler.Allocate();
        assembler.Fill(iteration, batch);
        var place = NonFiniteSearch.Find(_device, plan.Session.Graph.Graph, _store, _weights, batch, unchecked((int)(iteration / plan.Step.Every + 1)));
        return new VkNetException("VKN5201", FormattableString.Invariant($"the loss became {loss} in iteration {iteration + 1}{(place is null ? "" : $": {place}")}"),
            $"the step was not made{(CheckpointFile is { } file && File.Exists(file) ? $", and {file} holds the training before it" : "")}; lower the learning rate, clip gradients (clip_norm), or look at that node's inputs", kind: ErrorKind.Check);
    }

    private string? CheckpointFile => _options.OutputFolder is { } folder ? Path.Combine(folder, "checkpoint.safetensors") : null;

    // A folder that cannot be written is better known before the first epoch than after it.
    private void PrepareFolder()
    {
        if (_options.OutputFolder is not { } folder) return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (FileFault.IsFromFileSystem(e))
        {
            throw FileFault.Writing(folder, e);
        }
        if (_options.Resume is null) SaveCheckpoint();
    }

    private void SaveCheckpoint()
    {
        if (CheckpointFile is not { } file) return;
        var tensors = CurrentWeights();
        foreach (var (name, _) in _store.Tensors)
            if (!name.StartsWith(TrainingGraph.EvaluationPrefix, StringComparison.Ordinal)) tensors[name] = _store.Read(name);
        if (_memory.Best is { } best)
            foreach (var (name, tensor) in best) tensors[Checkpoint.BestPrefix + name] = tensor;
        new Checkpoint
        {
            Tensors = tensors,
            Iteration = Iteration,
            RecipeText = Recipe.Text,
            Kernels = Kernels(),
            PlanSteps = [.. _plans.Select(p => p.Session.StepCount)],
            Counters = [.. _memory.Save(_lastEpoch), .. _plans.SelectMany(p => (double[])[p.SmoothedLoss, .. p.Sums])],
        }.Save(file);
    }

    private string? SaveWeights()
    {
        if (_options.OutputFolder is not { } folder) return null;
        var file = Path.Combine(folder, "weights.safetensors");
        var metadata = new Dictionary<string, string> { ["format"] = "vknet", ["graph"] = Recipe.Model.Name };
        SafetensorsFile.Save(file, ReadWeights(), metadata);
        return file;
    }

    private List<string> Kernels() => [.. _plans.SelectMany(p => p.Kernels).Distinct().Order(StringComparer.Ordinal)];

    private void CheckArchitecture(Checkpoint checkpoint)
    {
        foreach (var parameter in _model.Parameters) Find(checkpoint, parameter.Name, parameter.Type);
    }

    private static Tensor Find(Checkpoint checkpoint, string name, TensorType type)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out var tensor))
            throw new VkNetException("VKN5031", $"the checkpoint is of another architecture: it has no '{name}'", Suggestion.For(name, checkpoint.Tensors.Keys));
        return tensor.Shape == type.Shape ? tensor : throw new VkNetException("VKN5031", $"the checkpoint is of another architecture: '{name}' is {tensor.Type} in it, but {type} in the recipe's model");
    }

    private void Resume(Checkpoint checkpoint)
    {
        foreach (var (name, type) in _store.Tensors) _store.Write(name, Find(checkpoint, name, type));
        var counters = new Queue<double>(checkpoint.Counters);
        if (checkpoint.PlanSteps.Count != _plans.Count || counters.Count != _memory.Count + _plans.Sum(p => 1 + p.Sums.Length))
            throw new VkNetException("VKN5031", "the checkpoint is of another recipe: its plans or metrics differ", "resume with the recipe that it was written by");
        if (checkpoint.RecipeText != Recipe.Text) _options.Note?.Invoke("the recipe differs from the checkpoint's; the training goes on with the new one");
        if (!checkpoint.Kernels.SequenceEqual(Kernels())) _options.Note?.Invoke("the checkpoint was written with other kernels or on another device; results may differ in the last bits");
        Iteration = checkpoint.Iteration;
        _memory.Load(counters, checkpoint.Tensors);
        _lastEpoch = _memory.LastEpoch;
        for (var i = 0; i < _plans.Count; i++)
        {
            _plans[i].Session.StepCount = checkpoint.PlanSteps[i];
            _plans[i].SmoothedLoss = counters.Dequeue();
            for (var k = 0; k < _plans[i].Sums.Length; k++) _plans[i].Sums[k] = counters.Dequeue();
        }
    }
}
