namespace VkNet.Formats;

/// <summary>What deflate can and cannot do, used to refuse decompression bombs before a byte is allocated.</summary>
internal static class Compression
{
    // A deflate stream spends at least one bit on a match length and one on its distance, for at most 258 bytes:
    // 258 * 8 / 2 = 1032 bytes out for each byte in.
    private const long LargestRatio = 1032;

    /// <summary>Whether <paramref name="compressedBytes"/> of deflate data can unpack to <paramref name="unpackedBytes"/> at all.</summary>
    public static bool CanHold(long compressedBytes, long unpackedBytes) =>
        unpackedBytes <= Limits.MaximumDecompressedBytes && unpackedBytes / LargestRatio <= compressedBytes;
}
