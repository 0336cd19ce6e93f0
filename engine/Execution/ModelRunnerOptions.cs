using VkNet.Compilation;

namespace VkNet.Execution;

/// <summary>How a <see cref="ModelRunner"/> keeps its plans.</summary>
public sealed record ModelRunnerOptions
{
    /// <summary>Most plans kept; the one unused for longest is dropped for a new one.</summary>
    public int Plans { get; init; } = 8;

    /// <summary>Runs of one plan that may be in flight at once.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Sizes of symbols that no input's shape gives; others are taken from the inputs.</summary>
    public IReadOnlyDictionary<string, long> Symbols { get; init; } = new Dictionary<string, long>();

    /// <summary>Changes to the compiler's options.</summary>
    public Func<CompilerOptions, CompilerOptions>? Configure { get; init; }
}
