using System.Buffers.Binary;
using System.IO.Compression;

namespace VkNet.Formats;

/// <summary>
/// Decodes PNG: every colour type and depth, interlaced or not. Grey becomes 1 channel, colour and palettes 3, anything
/// with transparency 4; 16-bit pictures keep 16 bits, all others become 8. Gamma and colour profiles are not applied.
/// </summary>
internal sealed class PngReader
{
    private readonly PngChunks _chunks;
    private readonly PngHeader _header;
    private readonly string _file;
    private readonly int _channels;
    private readonly byte[] _bytes = [];
    private readonly ushort[] _words = [];

    private PngReader(PngChunks chunks, string file)
    {
        _chunks = chunks;
        _header = chunks.Header;
        _file = file;
        var hasAlpha = _header.Colour is PngColour.GreyAlpha or PngColour.Rgba || !chunks.Transparency.IsEmpty;
        _channels = hasAlpha ? 4 : _header.Colour == PngColour.Grey ? 1 : 3;
        PictureLimits.Check(file, _header.Width, _header.Height, _channels, () => Compression.CanHold(chunks.DataLength, _header.UnpackedBytes));
        var samples = _header.Width * _header.Height * _channels;
        if (_header.BitDepth == 16) _words = new ushort[samples];
        else _bytes = new byte[samples];
    }

    /// <summary>Decodes the bytes of a file.</summary>
    /// <exception cref="VkNetException">VKN6503 to VKN6507.</exception>
    public static Picture Read(byte[] content, string file)
    {
        var reader = new PngReader(PngChunks.Parse(content, file), file);
        reader.ReadPasses();
        var header = reader._header;
        return header.BitDepth == 16
            ? new Picture(header.Width, header.Height, reader._channels, reader._words)
            : new Picture(header.Width, header.Height, reader._channels, reader._bytes);
    }

    private void ReadPasses()
    {
        using var data = _chunks.OpenData();
        using var rows = new ZLibStream(data, CompressionMode.Decompress);
        var pixelBytes = Math.Max(1, _header.SamplesPerPixel * _header.BitDepth / 8);
        var samples = new ushort[_header.Width * _header.SamplesPerPixel];
        foreach (var pass in _header.Passes)
        {
            var columns = pass.Columns(_header.Width);
            // Byte 0 is the filter; the rows change places after each.
            var row = new byte[1 + _header.RowBytes(columns)];
            var above = new byte[row.Length];
            for (var i = 0; i < pass.Rows(_header.Height); i++)
            {
                var y = pass.Y + (i * pass.StepY);
                ReadRow(rows, row, y);
                PngFilter.Undo(row[0], row.AsSpan(1), above.AsSpan(1), pixelBytes);
                var line = samples.AsSpan(0, columns * _header.SamplesPerPixel);
                Unpack(row.AsSpan(1), line);
                Store(line, pass, columns, y);
                (row, above) = (above, row);
            }
        }
    }

    private void ReadRow(Stream rows, byte[] row, int y)
    {
        try
        {
            if (InputFile.ReadUpTo(rows, row) < row.Length) throw FileFault.Of("VKN6503", _file, $"the pixels end in row {y} of {_header.Height}");
        }
        catch (InvalidDataException e)
        {
            throw FileFault.Of("VKN6507", _file, $"the compressed pixels are damaged in row {y}: {e.Message}", null, e);
        }
        if (row[0] >= PngFilter.Count) throw FileFault.Of("VKN6507", _file, $"row {y} has the filter {row[0]}; 0 to 4 are known");
    }

    // Spreads packed samples of 1 to 16 bits over one word each, unscaled.
    private void Unpack(ReadOnlySpan<byte> row, Span<ushort> samples)
    {
        var depth = _header.BitDepth;
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = depth switch
            {
                8 => row[i],
                16 => BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]),
                _ => (ushort)((row[i * depth / 8] >> (8 - depth - (i * depth % 8))) & ((1 << depth) - 1)),
            };
        }
    }

    private void Store(ReadOnlySpan<ushort> samples, PngPass pass, int columns, int y)
    {
        var perPixel = _header.SamplesPerPixel;
        Span<ushort> pixel = stackalloc ushort[4];
        for (var i = 0; i < columns; i++)
        {
            Expand(samples.Slice(i * perPixel, perPixel), pixel, y);
            var target = ((y * _header.Width) + pass.X + (i * pass.StepX)) * _channels;
            for (var c = 0; c < _channels; c++)
            {
                if (_header.BitDepth == 16) _words[target + c] = pixel[c];
                else _bytes[target + c] = (byte)pixel[c];
            }
        }
    }

    // One pixel of the file as grey, RGB or RGBA with 8 or 16 bits.
    private void Expand(ReadOnlySpan<ushort> source, Span<ushort> pixel, int y)
    {
        var opaque = (ushort)(_header.BitDepth == 16 ? 65535 : 255);
        switch (_header.Colour)
        {
            case PngColour.Palette:
                var palette = _chunks.Palette.Span;
                if (3 * source[0] >= palette.Length) throw FileFault.Of("VKN6507", _file, $"row {y} uses colour {source[0]} of a palette of {palette.Length / 3}");
                for (var c = 0; c < 3; c++) pixel[c] = palette[(3 * source[0]) + c];
                var alphas = _chunks.Transparency.Span;
                pixel[3] = source[0] < alphas.Length ? alphas[source[0]] : opaque;
                break;
            case PngColour.Grey:
                // A depth below 8 is stretched to the whole range: 1 bit gives 0 and 255.
                pixel[..3].Fill((ushort)(_header.BitDepth < 8 ? source[0] * 255 / ((1 << _header.BitDepth) - 1) : source[0]));
                pixel[3] = IsTransparent(source) ? (ushort)0 : opaque;
                break;
            case PngColour.GreyAlpha:
                pixel[..3].Fill(source[0]);
                pixel[3] = source[1];
                break;
            default:
                source.CopyTo(pixel);
                if (source.Length == 3) pixel[3] = IsTransparent(source) ? (ushort)0 : opaque;
                break;
        }
    }

    private bool IsTransparent(ReadOnlySpan<ushort> source)
    {
        var key = _chunks.Transparency.Span;
        if (key.IsEmpty) return false;
        for (var c = 0; c < source.Length; c++)
            if (BinaryPrimitives.ReadUInt16BigEndian(key[(2 * c)..]) != source[c]) return false;
        return true;
    }
}
