using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>What is minimised, with respect to what, and how.</summary>
public sealed record TrainingObjective
{
    /// <summary>Builds the loss: a real scalar.</summary>
    public required Func<ObjectiveContext, Value> Loss { get; init; }

    /// <summary>Build the metrics by name, in order: real scalars, each a mean over the batch.</summary>
    public IReadOnlyList<KeyValuePair<string, Func<ObjectiveContext, Value>>> Metrics { get; init; } = [];

    /// <summary>How parameters are moved.</summary>
    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>Inputs beside the model's own, which the loss and the metrics use (labels).</summary>
    public IReadOnlyList<KeyValuePair<string, TensorType>> ExtraInputs { get; init; } = [];

    /// <summary>Patterns (<c>*</c> stands for anything) of the parameters that are trained; the model's inputs may be named too. Frozen parameters are trained only when named in full.</summary>
    public IReadOnlyList<string> WithRespectTo { get; init; } = ["*"];

    /// <summary>Changes to how parameters are initialised and trained; later rules come after earlier ones.</summary>
    public IReadOnlyList<ParameterRule> Parameters { get; init; } = [];

    /// <summary>Inputs that are parameters of the training, also in plans that do not train them.</summary>
    public IReadOnlySet<string> Learnt { get; init; } = new HashSet<string>();

    /// <summary>Chooses the random numbers of dropout and its kin.</summary>
    public ulong Seed { get; init; }
}
