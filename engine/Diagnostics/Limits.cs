namespace VkNet;

/// <summary>
/// The caps that files from strangers are held to, in one place. Every reader compares what a file declares with these
/// and with the file's own length before it allocates. Setting one holds for the whole process; <see cref="Use"/> puts a set in force for
/// what one caller reads, also across awaits and on the threads that it starts, and leaves other callers alone:
/// <code>using (Limits.Use(Limits.Current with { MaximumTensorBytes = 64 &lt;&lt; 20 })) model = OnnxModel.Load(path, registry);</code>
/// </summary>
public static class Limits
{
    private static readonly AsyncLocal<LimitSet?> Scoped = new();
    private static readonly Lock Gate = new();
    private static LimitSet _process = new();

    /// <summary>The caps in force here.</summary>
    public static LimitSet Current => Scoped.Value ?? Volatile.Read(ref _process);

    /// <summary>Puts caps in force for this flow of control until the result is disposed, which restores those before.</summary>
    public static IDisposable Use(LimitSet limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var scope = new Scope(Scoped.Value);
        Scoped.Value = limits;
        return scope;
    }

    /// <inheritdoc cref="LimitSet.MaximumTensorBytes"/>
    public static long MaximumTensorBytes { get => Current.MaximumTensorBytes; set => Set(l => l with { MaximumTensorBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumRank"/>
    public static int MaximumRank { get => Current.MaximumRank; set => Set(l => l with { MaximumRank = value }); }

    /// <inheritdoc cref="LimitSet.MaximumSafetensorsHeaderBytes"/>
    public static long MaximumSafetensorsHeaderBytes { get => Current.MaximumSafetensorsHeaderBytes; set => Set(l => l with { MaximumSafetensorsHeaderBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumNpyHeaderBytes"/>
    public static int MaximumNpyHeaderBytes { get => Current.MaximumNpyHeaderBytes; set => Set(l => l with { MaximumNpyHeaderBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumArchiveMembers"/>
    public static int MaximumArchiveMembers { get => Current.MaximumArchiveMembers; set => Set(l => l with { MaximumArchiveMembers = value }); }

    /// <inheritdoc cref="LimitSet.MaximumDecompressedBytes"/>
    public static long MaximumDecompressedBytes { get => Current.MaximumDecompressedBytes; set => Set(l => l with { MaximumDecompressedBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumPictureFileBytes"/>
    public static long MaximumPictureFileBytes { get => Current.MaximumPictureFileBytes; set => Set(l => l with { MaximumPictureFileBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumPicturePixels"/>
    public static long MaximumPicturePixels { get => Current.MaximumPicturePixels; set => Set(l => l with { MaximumPicturePixels = value }); }

    /// <inheritdoc cref="LimitSet.MaximumTextFileBytes"/>
    public static long MaximumTextFileBytes { get => Current.MaximumTextFileBytes; set => Set(l => l with { MaximumTextFileBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumTextDepth"/>
    public static int MaximumTextDepth { get => Current.MaximumTextDepth; set => Set(l => l with { MaximumTextDepth = value }); }

    /// <inheritdoc cref="LimitSet.MaximumYamlAliases"/>
    public static int MaximumYamlAliases { get => Current.MaximumYamlAliases; set => Set(l => l with { MaximumYamlAliases = value }); }

    /// <inheritdoc cref="LimitSet.MaximumYamlNodes"/>
    public static int MaximumYamlNodes { get => Current.MaximumYamlNodes; set => Set(l => l with { MaximumYamlNodes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumGraphNodes"/>
    public static int MaximumGraphNodes { get => Current.MaximumGraphNodes; set => Set(l => l with { MaximumGraphNodes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumModelFileBytes"/>
    public static long MaximumModelFileBytes { get => Current.MaximumModelFileBytes; set => Set(l => l with { MaximumModelFileBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumPlanFileBytes"/>
    public static long MaximumPlanFileBytes { get => Current.MaximumPlanFileBytes; set => Set(l => l with { MaximumPlanFileBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumModelMessages"/>
    public static int MaximumModelMessages { get => Current.MaximumModelMessages; set => Set(l => l with { MaximumModelMessages = value }); }

    /// <inheritdoc cref="LimitSet.MaximumModelDepth"/>
    public static int MaximumModelDepth { get => Current.MaximumModelDepth; set => Set(l => l with { MaximumModelDepth = value }); }

    /// <inheritdoc cref="LimitSet.MaximumAttributeBytes"/>
    public static long MaximumAttributeBytes { get => Current.MaximumAttributeBytes; set => Set(l => l with { MaximumAttributeBytes = value }); }

    /// <inheritdoc cref="LimitSet.MaximumPipelines"/>
    public static int MaximumPipelines { get => Current.MaximumPipelines; set => Set(l => l with { MaximumPipelines = value }); }

    private static void Set(Func<LimitSet, LimitSet> change)
    {
        lock (Gate) _process = change(_process);
    }

    private sealed class Scope(LimitSet? before) : IDisposable
    {
        public void Dispose() => Scoped.Value = before;
    }
}
