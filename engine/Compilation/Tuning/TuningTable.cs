using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VkNet.Devices;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Compilation;

/// <summary>
/// Which kernel variant was found fastest for which node, on one device under one driver: what <c>vknet tune</c> writes and the compiler
/// reads. A node that the table does not know is compiled with the defaults, which were measured under Mesa's CPU driver.
/// </summary>
public sealed class TuningTable
{
    private const int LargestFile = 16 << 20;

    // Of every kernel there is: what was slower may have become faster, and what was fastest may be gone.
    private static readonly Lazy<string> Kernels = new(() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(KernelCatalog.All.SelectMany(f => f.Variants).Select(v => v.Hash).Order(StringComparer.Ordinal)))).AsSpan(0, 8)));

    private readonly ImmutableSortedDictionary<string, string> _choices;

    private TuningTable(ImmutableSortedDictionary<string, string> choices) => _choices = choices;

    /// <summary>A table that knows nothing.</summary>
    public static TuningTable Empty { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>Whether there is a table of this device, which is not used because other kernels were compared for it than there are now.</summary>
    public bool IsOutdated { get; private init; }

    /// <summary>The variants by what <see cref="KeyOf"/> says of a node.</summary>
    public IReadOnlyDictionary<string, string> Choices => _choices;

    /// <summary>The table with a choice added or replaced.</summary>
    public TuningTable With(string key, string variant) => new(_choices.SetItem(key, variant));

    /// <summary>The table without a choice.</summary>
    public TuningTable Without(string key) => new(_choices.Remove(key));

    /// <summary>The variant for a node; null when the table does not know it.</summary>
    public string? Find(Node node) => _choices.IsEmpty ? null : _choices.GetValueOrDefault(KeyOf(node));

    /// <summary>What decides a node's speed: its operator, the types of its inputs, which of them are known beforehand, and its attributes.</summary>
    public static string KeyOf(Node node)
    {
        var inputs = node.Inputs.Take(node.OperatorInputCount).Select(v => v is null ? "-" : $"{v.Type}{(IsFixed(v) ? " fixed" : "")}");
        return $"{node.Operator.Name}({string.Join(", ", inputs)}) {{{node.Attributes}}}";
    }

    /// <summary>Whether a value is the same in every run of an inference plan.</summary>
    public static bool IsFixed(Value value) => value.Kind is ValueKind.Constant or ValueKind.Parameter;

    /// <summary>The file of a device's table; null where there is no cache folder.</summary>
    /// <param name="profile">The device.</param>
    /// <param name="folder">The cache folder; null for VKNET_CACHE_DIR or the user's.</param>
    public static string? PathFor(DeviceProfile profile, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(profile.Fingerprint)).AsSpan(0, 8));
        return CacheFolders.Find(folder) is { } found ? Path.Combine(found, $"tuning-{key}.json") : null;
    }

    /// <summary>The table of a device; empty when there is none, or it is damaged, another device's or of other kernels. Never fails.</summary>
    /// <param name="profile">The device.</param>
    /// <param name="folder">The cache folder; null for VKNET_CACHE_DIR or the user's.</param>
    public static TuningTable Load(DeviceProfile profile, string? folder = null)
    {
        if (PathFor(profile, folder) is not { } path) return Empty;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length > LargestFile) return Empty;
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(path), TuningJson.Default.TuningDocument);
            if (document?.Device != profile.Fingerprint || document.Choices is not { } choices || !choices.Values.All(v => v is { Length: > 0 })) return Empty;
            return document.Kernels == Kernels.Value ? new TuningTable(choices.ToImmutableSortedDictionary(StringComparer.Ordinal)) : new TuningTable(Empty._choices) { IsOutdated = true };
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException or NotSupportedException)
        {
            return Empty;
        }
    }

    /// <summary>Changes a device's table as it is in the file now, so that what another process found meanwhile stays.</summary>
    /// <param name="profile">The device.</param>
    /// <param name="change">Makes the new table of the old one.</param>
    /// <param name="folder">The cache folder; null for VKNET_CACHE_DIR or the user's.</param>
    /// <returns>The file.</returns>
    /// <exception cref="VkNetException">As <see cref="Save"/>.</exception>
    internal static string Update(DeviceProfile profile, Func<TuningTable, TuningTable> change, string? folder = null)
    {
        if (PathFor(profile, folder) is not { } path) return change(Empty).Save(profile, folder);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Somebody who holds it for that long is stuck; a table is then still replaced as a whole.
            using var alone = FileLock.Take(path + ".lock", TimeSpan.FromSeconds(10));
            return change(Load(profile, folder)).Save(profile, folder);
        }
        catch (Exception e) when (FileFault.IsFromFileSystem(e))
        {
            throw FileFault.Writing(path, e);
        }
    }

    /// <summary>Replaces a device's table; other processes see the old or the new whole.</summary>
    /// <param name="profile">The device.</param>
    /// <param name="folder">The cache folder; null for VKNET_CACHE_DIR or the user's.</param>
    /// <returns>The file.</returns>
    /// <exception cref="VkNetException">VKN4311: there is no cache folder; VKN6003: the file cannot be written.</exception>
    public string Save(DeviceProfile profile, string? folder = null)
    {
        var path = PathFor(profile, folder)
            ?? throw new VkNetException("VKN4311", "there is no folder for the tuning table", $"set {CacheFolders.Variable}", kind: ErrorKind.Device);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(new TuningDocument(profile.Fingerprint, Kernels.Value, new SortedDictionary<string, string>(_choices, StringComparer.Ordinal)), TuningJson.Default.TuningDocument));
        return path;
    }
}
