using VkNet.Compilation;

namespace VkNet.Training;

/// <summary>How a <see cref="Trainer"/> works beside what its recipe says.</summary>
public sealed record TrainerOptions
{
    /// <summary>Where checkpoints and weights are written; null writes none.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Where to go on from; null to begin.</summary>
    public Checkpoint? Resume { get; init; }

    /// <summary>Changes to the compiler's options.</summary>
    public Func<CompilerOptions, CompilerOptions>? Configure { get; init; }

    /// <summary>Called after every iteration.</summary>
    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>Called after every epoch.</summary>
    public Action<EpochReport>? EpochDone { get; init; }

    /// <summary>Called with what is worth knowing and no error: a resumed checkpoint of another recipe, parameters that do not reach the loss.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>Threads that prepare batches; null for a number that suits the machine.</summary>
    public int? Workers { get; init; }

    /// <summary>Whether the last step of an epoch measures how far it moved each parameter in relation to its size.</summary>
    public bool MeasuresUpdates { get; init; }

    /// <summary>Whether every call of the first plan is timed.</summary>
    public bool Profile { get; init; }
}
