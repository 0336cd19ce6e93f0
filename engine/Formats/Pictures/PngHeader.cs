using System.Buffers.Binary;

namespace VkNet.Formats;

/// <summary>The IHDR chunk of a PNG file.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="BitDepth">Bits a sample (or palette index): 1, 2, 4, 8 or 16.</param>
/// <param name="Colour">What the samples mean.</param>
/// <param name="IsInterlaced">Whether the rows come in the seven passes of Adam7.</param>
internal sealed record PngHeader(int Width, int Height, int BitDepth, PngColour Colour, bool IsInterlaced)
{
    /// <summary>Bytes of the chunk's content.</summary>
    public const int ByteCount = 13;

    // Adam7: first column, first row, and the steps between them, of each pass.
    private static readonly PngPass[] InterlacedPasses =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    private static readonly PngPass[] SinglePass = [new(0, 0, 1, 1)];

    /// <summary>Samples per pixel as they stand in the file; a palette index is one.</summary>
    public int SamplesPerPixel => Colour switch { PngColour.Rgb => 3, PngColour.Rgba => 4, PngColour.GreyAlpha => 2, _ => 1 };

    /// <summary>The passes in which the rows come, empty ones left out.</summary>
    public IEnumerable<PngPass> Passes => (IsInterlaced ? InterlacedPasses : SinglePass).Where(p => p.Columns(Width) > 0 && p.Rows(Height) > 0);

    /// <summary>Bytes of a row of <paramref name="columns"/> pixels, without its filter byte.</summary>
    public int RowBytes(int columns) => checked((int)((((long)columns * SamplesPerPixel * BitDepth) + 7) / 8));

    /// <summary>Bytes that all rows unpack to, filter bytes included.</summary>
    public long UnpackedBytes => Passes.Sum(p => (long)p.Rows(Height) * (1 + RowBytes(p.Columns(Width))));

    /// <summary>Parses the content of the chunk.</summary>
    /// <exception cref="VkNetException">VKN6504: a combination that PNG does not have.</exception>
    public static PngHeader Parse(ReadOnlySpan<byte> content, string file)
    {
        if (content.Length != ByteCount) throw FileFault.Of("VKN6504", file, $"the PNG header has {content.Length} bytes; {ByteCount} are right");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(content), BinaryPrimitives.ReadUInt32BigEndian(content[4..]));
        var (depth, colour) = (content[8], (PngColour)content[9]);
        var allowed = colour switch
        {
            PngColour.Grey => depth is 1 or 2 or 4 or 8 or 16,
            PngColour.Palette => depth is 1 or 2 or 4 or 8,
            PngColour.Rgb or PngColour.GreyAlpha or PngColour.Rgba => depth is 8 or 16,
            _ => false,
        };
        if (!allowed) throw FileFault.Of("VKN6504", file, $"PNG has no colour type {content[9]} of {depth} bits");
        if (content[10] != 0 || content[11] != 0 || content[12] > 1)
            throw FileFault.Of("VKN6504", file, $"the compression {content[10]}, filter {content[11]} or interlace method {content[12]} is not known");
        // Four channels is the most that any colour type expands to.
        PictureLimits.Check(file, width, height, channels: 4, () => true);
        return new PngHeader((int)width, (int)height, depth, colour, content[12] == 1);
    }
}
