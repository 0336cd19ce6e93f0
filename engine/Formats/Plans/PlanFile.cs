using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Shaders;

namespace VkNet.Formats.Plans;

/// <summary>
/// Plan files (.vkplan): a compiled plan that another process loads without compiling. The file is a magic word, a format version, the
/// SHA-256 of what follows, the length of a JSON header, the header, and the constants' bytes. A plan holds for the kernels and for the
/// device limits that it was compiled for; anything else is refused with the first difference. Parameters are not in it, constants are.
/// </summary>
/// <remarks>
/// Calls, ranges and places are checked against one another when a plan is loaded, but the numbers inside kernels' parameters are taken
/// as they are: load plans only from where you would load a program from.
/// </remarks>
public static class PlanFile
{
    /// <summary>The version of the format written; another one is refused.</summary>
    public const int FormatVersion = 1;

    private const int PrefixBytes = 8 + 4 + SHA256.HashSizeInBytes + 8;

    private static ReadOnlySpan<byte> Magic => "VKNETPLN"u8;

    /// <summary>Writes a plan.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="profile">The device that it was compiled for.</param>
    /// <exception cref="VkNetException">VKN6003: the file cannot be written.</exception>
    public static void Save(string path, ExecutionPlan plan, DeviceProfile profile)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(profile);
        var (document, data) = PlanWriter.Write(plan, profile);
        var header = JsonSerializer.SerializeToUtf8Bytes(document, PlanJson.Default.PlanDocument);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(length);
        hash.AppendData(header);
        foreach (var tensor in data) hash.AppendData(tensor.Bytes());
        AtomicFile.Write(path, stream =>
        {
            var version = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(version, FormatVersion);
            stream.Write(Magic);
            stream.Write(version);
            stream.Write(hash.GetCurrentHash());
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in data) stream.Write(tensor.Bytes());
        });
    }

    /// <summary>Reads a plan.</summary>
    /// <param name="path">The file.</param>
    /// <param name="profile">The device that it shall run on.</param>
    /// <param name="kernels">Kernels besides VkNet's own that the plan may use; null when there are none.</param>
    /// <exception cref="VkNetException">
    /// VKN6001, VKN6002, VKN6004: the file cannot be read; VKN6601: it is no plan, or damaged; VKN6602: of another format version; VKN6603: for
    /// other kernels; VKN6604: for another device.
    /// </exception>
    public static ExecutionPlan Load(string path, DeviceProfile profile, IEnumerable<KernelDescriptor>? kernels = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return Read(path, kernels).For(profile);
    }

    /// <summary>Whether a file name is that of a plan.</summary>
    public static bool IsPlan(string path) => path.EndsWith(".vkplan", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a plan for a device that is not open yet.</summary>
    /// <exception cref="VkNetException">As for <see cref="Load"/>, but for VKN6604.</exception>
    internal static PlanContent Read(string path, IEnumerable<KernelDescriptor>? kernels = null)
    {
        var file = InputFile.Read(path, stream => InputFile.ReadAll(stream, path, Limits.MaximumPlanFileBytes));
        var span = file.AsSpan();
        if (span.Length < PrefixBytes || !span[..8].SequenceEqual(Magic)) throw Damaged(path, "it does not begin as a plan file does");
        var version = BinaryPrimitives.ReadInt32LittleEndian(span[8..]);
        if (version != FormatVersion)
            throw FileFault.Of("VKN6602", path, $"the plan has format version {version}; this VkNet reads version {FormatVersion}", "compile the graph again: vknet compile GRAPH -o FILE");
        var content = span[(12 + SHA256.HashSizeInBytes)..];
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(span.Slice(12, SHA256.HashSizeInBytes))) throw Damaged(path, "its check sum does not match its content");
        var length = BinaryPrimitives.ReadInt64LittleEndian(content);
        if (length < 0 || length > content.Length - 8) throw Damaged(path, "its header is longer than the file");
        try
        {
            var document = JsonSerializer.Deserialize(content.Slice(8, (int)length), PlanJson.Default.PlanDocument) ?? throw new InvalidDataException("its header is empty");
            return new PlanContent(path, document.Device, new PlanReader(path, document, content[(8 + (int)length)..].ToArray(), kernels ?? []).Read());
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or OverflowException or FormatException)
        {
            throw Damaged(path, e.Message);
        }
        catch (VkNetException e) when (e.Diagnostic.Location is null)
        {
            // What shapes say of themselves does not name the file.
            throw Damaged(path, e.Diagnostic.Message);
        }
    }

    /// <summary>The facts of a device that plans depend on, by name.</summary>
    internal static Dictionary<string, string> DeviceFacts(DeviceProfile profile) => new(StringComparer.Ordinal)
    {
        ["subgroup size"] = $"{profile.SubgroupSize}",
        ["smallest subgroup size"] = $"{profile.MinSubgroupSize}",
        ["largest subgroup size"] = $"{profile.MaxSubgroupSize}",
        ["workgroup invocations"] = $"{profile.MaxWorkgroupInvocations}",
        ["workgroup count"] = $"{profile.MaxWorkgroupCount}",
        ["shared memory"] = $"{profile.MaxSharedMemoryBytes}",
        ["storage buffer range"] = $"{profile.MaxStorageBufferRange}",
        ["texel buffer elements"] = $"{profile.MaxTexelBufferElements}",
        ["allocation"] = $"{profile.MaxAllocationBytes}",
        ["buffer alignment"] = $"{profile.BufferAlignment}",
        ["features"] = string.Join(", ", profile.Features.Order(StringComparer.Ordinal)),
    };

    /// <summary>The fault of a file that is no whole plan.</summary>
    internal static VkNetException Damaged(string path, string why) => FileFault.Of("VKN6601", path, $"this is no whole plan file: {why}", "compile the graph again: vknet compile GRAPH -o FILE");
}
