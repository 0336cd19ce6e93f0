using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Carries out a recipe: feeds its plans with batches made ahead on other threads, evaluates after every epoch, stops early, keeps the
/// best snapshot, writes checkpoints. The same recipe, seed, device and driver give the same bits, also when it is interrupted and resumed.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly TrainerOptions _options;
    private readonly IWeightSource _weights;
    private readonly TrainingPlans _plans;
    private readonly TrainingSnapshots _snapshots;
    private readonly TrainingMemory _memory;
    private readonly OutputFolder? _folder;
    private readonly BatchOrder _order;
    private readonly Func<PlanRunner, double> _rate;
    private readonly Stopwatch _clock = new();
    private readonly Dictionary<DataPart, Evaluator> _evaluators = [];
    private long _started;

    /// <summary>Compiles the plans of a recipe and initialises the weights, or takes them from a checkpoint.</summary>
    /// <exception cref="VkNetException">VKN5xxx: the recipe does not fit its model or data; VKN5031: the checkpoint is of another architecture; VKN5032: another training writes into the output folder; VKN6003: it cannot be made; VKN4xxx: the device cannot.</exception>
    public Trainer(ComputeDevice device, Recipe recipe, TrainerOptions? options = null)
    {
        (_device, Recipe, _options) = (device, recipe, options ?? new TrainerOptions());
        if (recipe.Batch > recipe.Data.Train.Source.Count)
            throw new VkNetException("VKN5113", $"a batch of {recipe.Batch} is more than the {recipe.Data.Train.Source.Count} training examples", $"take at most {recipe.Data.Train.Source.Count}");
        var first = _options.Resume is { } resume ? new TensorWeights(resume.Tensors) : recipe.Weights;
        _weights = new InitializedWeights(recipe.Seed, first);
        var model = recipe.Model.Build(FeedBinding.Bind(recipe.Model, recipe.Bind, recipe.Data, recipe.LearntInputs, recipe.Batch));
        LabelCheck.Check(recipe, model);
        FeedCheck.Check(recipe, model);
        FullBatchCheck.Check(recipe, model.Registry);
        if (_options.Resume is { } given) TrainingSnapshots.CheckArchitecture(model, given);
        _order = new BatchOrder(recipe.Data.Train.Source.Count, recipe.Batch, recipe.Data.Train.Order, recipe.Seed);
        Iterations = recipe.Iterations ?? recipe.Epochs * _order.BatchesPerEpoch;
        _memory = new TrainingMemory(recipe);
        _rate = RateOf;
        _plans = new TrainingPlans(device, recipe, model, _weights, _options);
        _snapshots = new TrainingSnapshots(recipe, _plans, _memory, _weights, _options);
        try
        {
            _folder = _options.OutputFolder is { } path ? new OutputFolder(path) : null;
            if (_options.Resume is { } checkpoint)
            {
                _snapshots.Resume(checkpoint);
                Iteration = checkpoint.Iteration;
                return;
            }
            _plans.BeginCopies();
            if (recipe.ScalesLayers) _plans.ScaleLayers(BatchOf(0));
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
    public IReadOnlyList<KeyValuePair<string, ExecutionPlan>> Plans => [.. _plans.All.Select(p => new KeyValuePair<string, ExecutionPlan>(p.Step.Name, p.Session.Plan))];

    /// <summary>Device time of every call of the first plan's last step in nanoseconds; null unless profiling.</summary>
    public IReadOnlyList<double>? LastTimings => _plans.First.Session.LastTimings;

    /// <summary>Time that the training has waited for batches.</summary>
    public TimeSpan WaitedForData { get; private set; }

    /// <summary>Trains to the end, or until it is cancelled.</summary>
    /// <param name="cancellation">Ends the training after the step being made; a checkpoint is written first.</param>
    /// <exception cref="VkNetException">VKN5201: the loss became NaN or infinite; the message names the node. VKN6003: a checkpoint cannot be written.</exception>
    public TrainingOutcome Run(CancellationToken cancellation = default)
    {
        _snapshots.Prepare(Iteration);
        _clock.Start();
        _started = Iteration;
        var end = TrainingEnd.Finished;
        var stream = Recipe.Data.Train.Source.IsSequence;
        using (var pipeline = new BatchPipeline([.. Enumerable.Range(0, Workers).Select(_ => Assembler())], Iteration, Iterations))
        {
            while (Iteration < Iterations)
            {
                if (cancellation.IsCancellationRequested)
                {
                    end = TrainingEnd.Cancelled;
                    break;
                }
                var epochEnds = (Iteration + 1) % _order.BatchesPerEpoch == 0;
                var before = epochEnds && _options.MeasuresUpdates ? Trained() : null;
                RequireFinite(_plans.Run(Iteration, pipeline.Take(), _rate));
                Iteration++;
                ReportProgress();
                if (epochEnds)
                {
                    RequireFinite(_plans.Drain());
                    if (!EndEpoch(before, cancellation)) end = TrainingEnd.StoppedEarly;
                    if (stream) _plans.ResetStates();
                    if (Recipe.CheckpointInterval is null) _snapshots.SaveCheckpoint(Iteration);
                    if (end == TrainingEnd.StoppedEarly) break;
                }
                if (Recipe.CheckpointInterval is { } interval && Iteration % interval == 0)
                {
                    RequireFinite(_plans.Drain());
                    _snapshots.SaveCheckpoint(Iteration);
                }
            }
            RequireFinite(_plans.Drain());
            WaitedForData += pipeline.Waited;
        }
        return Finish(end);
    }

    /// <summary>The weights as they would be kept now: the best snapshot where there is one, running averages where they are kept.</summary>
    public IReadOnlyDictionary<string, Tensor> ReadWeights() => _memory.Best ?? _snapshots.Current();

    /// <summary>Measures a part of the data with the weights as they are.</summary>
    /// <param name="part">The data.</param>
    /// <param name="cancellation">Abandons it.</param>
    public Figures Evaluate(DataPart part, CancellationToken cancellation = default)
    {
        if (!_evaluators.TryGetValue(part, out var evaluator))
            _evaluators[part] = evaluator = new Evaluator(_device, Recipe, part, _plans.Store, _weights, _options.Configure, Workers);
        return evaluator.Run(cancellation);
    }

    /// <summary>Waits for what is in flight and frees the memory.</summary>
    public void Dispose()
    {
        foreach (var evaluator in _evaluators.Values) evaluator.Dispose();
        _plans.Dispose();
        _folder?.Dispose();
    }

    private int Workers => _options.Workers ?? BatchPipeline.DefaultWorkers;

    private BatchAssembler Assembler() => new(Recipe.Data.Train, _order, Recipe.Data.Feeds, _plans.First.Session.Inputs, Recipe.Seed);

    private Tensor[] BatchOf(long iteration)
    {
        var assembler = Assembler();
        var batch = assembler.Allocate();
        assembler.Fill(iteration, batch);
        return batch;
    }

    private double RateOf(PlanRunner plan)
    {
        var perEpoch = Math.Max(1, _order.BatchesPerEpoch / plan.Step.Every);
        return plan.Step.Optimizer.LearningRate * plan.Step.Schedule.Factor(plan.Session.StepCount, perEpoch) * _memory.RateFactor;
    }

    private Dictionary<string, Tensor> Trained()
    {
        RequireFinite(_plans.Drain());
        return _snapshots.Trained();
    }

    private void ReportProgress()
    {
        if (_options.Progress is not { } report) return;
        var plan = _plans.First;
        report(new TrainingProgress(Iteration, Iterations, (Iteration - 1) / _order.BatchesPerEpoch + 1, plan.LastLoss, plan.SmoothedLoss, plan.LastMetrics, plan.Session.LearningRate, (Iteration - _started) * Recipe.Batch, _clock.Elapsed));
    }

    // False when the training should stop.
    private bool EndEpoch(IReadOnlyDictionary<string, Tensor>? before, CancellationToken cancellation)
    {
        var train = _memory.LastEpoch = _plans.First.Means();
        foreach (var plan in _plans.All) plan.Reset();
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
        var improved = _memory.Note(validation ?? train, _snapshots.Current);
        _options.EpochDone?.Invoke(new EpochReport(Iteration / _order.BatchesPerEpoch, Iteration, train, validation, _plans.First.Session.LearningRate, improved, _clock.Elapsed)
        {
            UpdateRatios = before is null ? [] : UpdateMeasure.Ratios(before, _snapshots.Trained()),
        });
        return !_memory.ShouldStop;
    }

    private TrainingOutcome Finish(TrainingEnd end)
    {
        var train = _memory.LastEpoch ?? (_plans.First.Sums[0] > 0 ? _plans.First.Means() : new Figures(double.NaN, []));
        _snapshots.SaveCheckpoint(Iteration);
        var weightsFile = _snapshots.SaveWeights();
        if (end == TrainingEnd.Cancelled) return new TrainingOutcome(end, Iteration, train, null, null, _snapshots.CheckpointFile, weightsFile);
        _snapshots.TakeBest();
        return new TrainingOutcome(
            end, Iteration, train,
            Recipe.Data.Validation is { } validation ? Evaluate(validation) : null,
            Recipe.Data.Test is { } test ? Evaluate(test) : null,
            _snapshots.CheckpointFile, weightsFile);
    }

    private void RequireFinite((PlanRunner Plan, long Iteration)? bad)
    {
        if (bad is not { } found) return;
        var (plan, iteration) = found;
        var loss = plan.LastLoss;
        _plans.Drain();
        var place = _plans.FindNonFinite(plan, iteration, BatchOf(iteration));
        throw new VkNetException("VKN5201", FormattableString.Invariant($"the loss became {loss} in iteration {iteration + 1}{(place is null ? "" : $": {place}")}"),
            $"the step was not made{(_snapshots.CheckpointFile is { } file && File.Exists(file) ? $", and {file} holds the training before it" : "")}; lower the learning rate, clip gradients (clip_norm), or look at that node's inputs", kind: ErrorKind.Check);
    }
}
