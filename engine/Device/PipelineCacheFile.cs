using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using VkNet.Formats;

namespace VkNet.Devices;

/// <summary>
/// The driver's pipeline cache on disk, one file per device and driver version. The file is a magic word, the SHA-256 of
/// what follows, and the driver's data, whose own header is compared with the device before the driver sees it. What does
/// not fit is ignored and later overwritten; writing goes through a temporary file, so readers see the old or the new
/// whole, also from other processes.
/// </summary>
internal sealed class PipelineCacheFile
{
    private const int HeaderBytes = 8 + SHA256.HashSizeInBytes;
    private const int LargestBytes = 1 << 28;
    private static readonly byte[] Magic = "VKNETPC1"u8.ToArray();

    private readonly DeviceProfile _profile;
    private readonly ILogger? _logger;

    /// <summary>Names the file of a device in a cache folder.</summary>
    public PipelineCacheFile(string folder, DeviceProfile profile, ILogger? logger)
    {
        _profile = profile;
        _logger = logger;
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(profile.Fingerprint)).AsSpan(0, 8));
        FullPath = Path.Combine(folder, $"pipelines-{key}.bin");
    }

    /// <summary>The file.</summary>
    public string FullPath { get; }

    /// <summary>The driver's data; empty when there are none, or they are damaged or another driver's.</summary>
    public byte[] Read()
    {
        try
        {
            using var stream = new FileStream(FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length is < HeaderBytes or > LargestBytes) return Ignore("its length is wrong");
            var file = new byte[(int)stream.Length];
            stream.ReadExactly(file);
            var data = file.AsSpan(HeaderBytes);
            if (!file.AsSpan(0, Magic.Length).SequenceEqual(Magic)) return Ignore("it is no pipeline cache");
            if (!SHA256.HashData(data).AsSpan().SequenceEqual(file.AsSpan(Magic.Length, SHA256.HashSizeInBytes))) return Ignore("it is damaged");
            return BelongsTo(_profile, data) ? data.ToArray() : Ignore("it is another driver's");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Ignore(e.Message);
        }
    }

    /// <summary>Replaces the file; when that fails, the old one stays and a line goes to the log.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (data.Length > LargestBytes - HeaderBytes) return;
        string? temporary = null;
        try
        {
            var folder = Path.GetDirectoryName(FullPath)!;
            Directory.CreateDirectory(folder);
            temporary = Path.Combine(folder, $".{Path.GetFileName(FullPath)}.{Environment.ProcessId}.{Guid.NewGuid():N}");
            TemporaryFiles.Add(temporary);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(Magic);
                stream.Write(SHA256.HashData(data));
                stream.Write(data);
            }
            File.Move(temporary, FullPath, overwrite: true);
            TemporaryFiles.Remove(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger?.LogWarning("The pipeline cache {Path} could not be written: {Reason}", FullPath, e.Message);
            TryDelete(temporary);
        }
    }

    // Vulkan's own header: length, version 1, vendor, device, and the driver's 16-byte key.
    internal static bool BelongsTo(DeviceProfile profile, ReadOnlySpan<byte> data) =>
        data.Length >= 32 &&
        BitConverter.ToUInt32(data) is >= 32 and var length && length <= (uint)data.Length &&
        BitConverter.ToUInt32(data[4..]) == 1 &&
        BitConverter.ToUInt32(data[8..]) == profile.VendorId &&
        BitConverter.ToUInt32(data[12..]) == profile.DeviceId &&
        Convert.ToHexStringLower(data.Slice(16, 16)) == profile.PipelineCacheId;

    private static void TryDelete(string? path)
    {
        try
        {
            if (path is not null) File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A left-over temporary file in a cache folder does no harm.
        }
    }

    private byte[] Ignore(string reason)
    {
        _logger?.LogInformation("The pipeline cache {Path} is ignored: {Reason}", FullPath, reason);
        return [];
    }
}
