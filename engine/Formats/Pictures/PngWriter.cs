using System.Buffers.Binary;
using System.IO.Compression;

namespace VkNet.Formats;

/// <summary>Encodes PNG: grey, RGB and RGBA of 8 or 16 bits, each row with the filter that leaves the smallest differences.</summary>
internal static class PngWriter
{
    /// <summary>Writes a picture.</summary>
    public static void Write(Stream stream, Picture picture)
    {
        stream.Write(PngChunks.Signature);
        var header = new byte[PngHeader.ByteCount];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = (byte)picture.BitDepth;
        header[9] = (byte)(picture.Channels switch { 1 => PngColour.Grey, 3 => PngColour.Rgb, _ => PngColour.Rgba });
        PngChunks.Write(stream, "IHDR", header);

        using var data = new MemoryStream();
        using (var rows = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true)) WriteRows(rows, picture);
        PngChunks.Write(stream, "IDAT", data.GetBuffer().AsSpan(0, (int)data.Length));
        PngChunks.Write(stream, "IEND", []);
    }

    private static void WriteRows(Stream rows, Picture picture)
    {
        var sampleBytes = picture.BitDepth / 8;
        var pixelBytes = picture.Channels * sampleBytes;
        var row = new byte[picture.Width * pixelBytes];
        var above = new byte[row.Length];
        // Byte 0 is the filter.
        var (candidate, best) = (new byte[1 + row.Length], new byte[1 + row.Length]);
        for (var y = 0; y < picture.Height; y++)
        {
            CopyRow(picture, y, row);
            var smallest = long.MaxValue;
            for (var filter = 0; filter < PngFilter.Count; filter++)
            {
                candidate[0] = (byte)filter;
                var sum = PngFilter.Apply(filter, row, above, pixelBytes, candidate.AsSpan(1));
                if (sum >= smallest) continue;
                smallest = sum;
                (candidate, best) = (best, candidate);
            }
            rows.Write(best);
            (row, above) = (above, row);
        }
    }

    private static void CopyRow(Picture picture, int y, Span<byte> row)
    {
        var samples = picture.Width * picture.Channels;
        if (picture.BitDepth == 8)
        {
            picture.Bytes.Slice(y * samples, samples).CopyTo(row);
            return;
        }
        var words = picture.Words.Slice(y * samples, samples);
        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(row[(2 * i)..], words[i]);
    }
}
