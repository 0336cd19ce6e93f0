namespace VkNet.Runner.Fuzzing;

/// <summary>One reader with valid files to begin from.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="FileName">The name that its files have.</param>
/// <param name="Codes">Begins the codes of the diagnostics that it may refuse a file with, separated by blanks.</param>
/// <param name="Seeds">Valid files.</param>
/// <param name="Mutate">Changes one of them.</param>
/// <param name="Read">Reads a file; false where a damaged one is passed over in silence, as those of caches are.</param>
internal sealed record FuzzTarget(string Name, string FileName, string Codes, IReadOnlyList<byte[]> Seeds, Func<byte[], Random, byte[]> Mutate, Func<string, bool> Read)
{
    /// <summary>Makes a file of what was mutated: mends its check sums or compresses it.</summary>
    public Func<byte[], byte[]> Pack { get; init; } = content => content;

    /// <summary>Files that lie beside the one read, by name.</summary>
    public IReadOnlyDictionary<string, byte[]> Beside { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
