using VkNet.Execution;
using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>A whole training: model, data, objectives, optimizers, schedule, and when to stop. Read from a file by <see cref="RecipeFile"/>, or made in code.</summary>
public sealed record Recipe
{
    /// <summary>The training's name.</summary>
    public required string Name { get; init; }

    /// <summary>What is trained.</summary>
    public required ModelDefinition Model { get; init; }

    /// <summary>What it is trained on.</summary>
    public required TrainingData Data { get; init; }

    /// <summary>The plans that make one iteration, in order; most trainings have one.</summary>
    public required IReadOnlyList<RecipeStep> Steps { get; init; }

    /// <summary>Metrics by name, in order: real scalars, each a mean over the batch.</summary>
    public IReadOnlyList<KeyValuePair<string, Func<ObjectiveContext, Value>>> Metrics { get; init; } = [];

    /// <summary>Parameters that follow others (target networks).</summary>
    public IReadOnlyList<RecipeCopy> Copies { get; init; } = [];

    /// <summary>Sizes of the model's symbols that the data do not tell.</summary>
    public IReadOnlyDictionary<string, long> Bind { get; init; } = new Dictionary<string, long>();

    /// <summary>Changes to how parameters are initialised and trained.</summary>
    public IReadOnlyList<ParameterRule> Parameters { get; init; } = [];

    /// <summary>Values that parameters begin with, in place of their initialisers.</summary>
    public IWeightSource? Weights { get; init; }

    /// <summary>Whether weights are scaled layer by layer until each gives results of variance one on the first batch (LSUV).</summary>
    public bool ScalesLayers { get; init; }

    /// <summary>Examples in a step.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Examples in a run of an evaluation.</summary>
    public int EvaluationBatch { get; init; } = 250;

    /// <summary>Epochs after which the training ends.</summary>
    public long Epochs { get; init; } = 1;

    /// <summary>Iterations after which the training ends; null where <see cref="Epochs"/> decides.</summary>
    public long? Iterations { get; init; }

    /// <summary>Iterations between two checkpoints; null for one after every epoch.</summary>
    public long? CheckpointInterval { get; init; }

    /// <summary>When to stop early and which snapshot to keep; null to take the last weights.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Chooses every random number: initial values, order, augmentation, dropout.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The text that the recipe was read from, kept in checkpoints.</summary>
    public string Text { get; init; } = "";

    /// <summary>Names of the inputs that are learnt instead of fed.</summary>
    internal IReadOnlySet<string> LearntInputs => Model.Inputs.Select(i => i.Name).Where(n => Steps.Any(s => s.WithRespectTo.Contains(n, StringComparer.Ordinal))).ToHashSet(StringComparer.Ordinal);

    /// <summary>The graphs that an iteration runs, one for each of <see cref="Steps"/>, with the sizes that the data give.</summary>
    /// <exception cref="VkNetException">VKN5xxx: the recipe does not fit its model or data.</exception>
    public IReadOnlyList<TrainingGraph> BuildGraphs() => BuildGraphs(Model.Build(FeedBinding.Bind(Model, Bind, Data, LearntInputs, Batch)));

    // With several plans every parameter is carried, because a plan reads what another one trains.
    internal IReadOnlyList<TrainingGraph> BuildGraphs(Graph model)
    {
        IReadOnlyList<string>? shared = Steps.Count > 1 || Copies.Count > 0 ? ["*"] : null;
        return [.. Steps.Select(step => TrainingGraph.Build(model, Objective(step, Batch), shared, Steps.Count > 1 ? $"{Name} {step.Name}" : null))];
    }

    /// <summary>What one plan minimises.</summary>
    /// <param name="step">The plan.</param>
    /// <param name="batch">Examples in a step.</param>
    internal TrainingObjective Objective(RecipeStep step, int batch) => new()
    {
        Loss = step.Loss,
        Metrics = ReferenceEquals(step, Steps[0]) ? Metrics : [],
        Optimizer = step.Optimizer,
        WithRespectTo = step.WithRespectTo,
        ExtraInputs = FeedBinding.ExtraInputs(Model, Data, batch),
        Parameters = Parameters,
        Learnt = LearntInputs,
        Seed = Seed,
    };
}
