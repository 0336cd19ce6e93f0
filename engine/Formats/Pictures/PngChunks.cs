using System.Buffers.Binary;
using System.Text;

namespace VkNet.Formats;

/// <summary>The chunks of a PNG file that matter for its pixels, each checked against its CRC.</summary>
internal sealed class PngChunks
{
    private const int Overhead = 12; // length, type and CRC
    private readonly byte[] _content;
    private readonly string _file;
    private readonly List<(int Start, int Length)> _data = [];

    private PngChunks(byte[] content, string file)
    {
        _content = content;
        _file = file;
    }

    /// <summary>The eight bytes that every PNG file starts with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>IHDR.</summary>
    public PngHeader Header { get; private set; } = null!;

    /// <summary>PLTE: red, green, blue of each entry; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Palette { get; private set; }

    /// <summary>tRNS: alphas of the palette's entries, or the colour that is transparent; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Transparency { get; private set; }

    /// <summary>Bytes of compressed rows.</summary>
    public long DataLength => _data.Sum(d => (long)d.Length);

    /// <summary>Walks through the file.</summary>
    /// <exception cref="VkNetException">VKN6503 to VKN6506: cut short, malformed, too large, or a wrong CRC.</exception>
    public static PngChunks Parse(byte[] content, string file)
    {
        var chunks = new PngChunks(content, file);
        chunks.Walk();
        return chunks;
    }

    /// <summary>The compressed rows as one stream.</summary>
    public Stream OpenData() => new SegmentStream(_content, _data);

    /// <summary>Writes one chunk.</summary>
    public static void Write(Stream stream, string type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        Span<byte> name = stackalloc byte[4];
        Encoding.ASCII.GetBytes(type, name);
        var crc = new Crc32();
        crc.Add(name);
        crc.Add(content);
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(name);
        stream.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.Value);
        stream.Write(number);
    }

    private void Walk()
    {
        var position = Signature.Length;
        var dataEnded = false;
        while (true)
        {
            if (_content.Length - position < Overhead) throw FileFault.Of("VKN6503", _file, $"the PNG file ends at byte {_content.Length}, before its end chunk", "it is cut short");
            var length = BinaryPrimitives.ReadUInt32BigEndian(_content.AsSpan(position));
            if (length > _content.Length - position - Overhead)
                throw FileFault.Of("VKN6503", _file, $"the chunk at byte {position} declares {length} bytes, but the file ends before", "it is cut short or damaged");
            var type = Encoding.Latin1.GetString(_content, position + 4, 4);
            var body = new ReadOnlyMemory<byte>(_content, position + 8, (int)length);
            var declared = BinaryPrimitives.ReadUInt32BigEndian(_content.AsSpan(position + 8 + (int)length));
            var actual = Crc32.Of(_content.AsSpan(position + 4, 4 + (int)length));
            if (declared != actual) throw FileFault.Of("VKN6506", _file, $"the chunk {Printable(type)} at byte {position} is damaged: its CRC is {actual:X8}, not {declared:X8}");
            if (position == Signature.Length && type != "IHDR") throw FileFault.Of("VKN6504", _file, $"the first chunk is {Printable(type)}, not IHDR");
            dataEnded |= _data.Count > 0 && type != "IDAT";
            if (type == "IEND") break;
            Take(type, body, position + 8, dataEnded);
            position += Overhead + (int)length;
        }
        if (_data.Count == 0) throw FileFault.Of("VKN6504", _file, "the PNG file holds no pixels: it has no IDAT chunk");
        if (Header.Colour == PngColour.Palette && Palette.IsEmpty) throw FileFault.Of("VKN6504", _file, "the picture uses a palette, but has none");
    }

    private void Take(string type, ReadOnlyMemory<byte> body, int start, bool dataEnded)
    {
        switch (type)
        {
            case "IHDR":
                if (Header is not null) throw FileFault.Of("VKN6504", _file, "there are two IHDR chunks");
                Header = PngHeader.Parse(body.Span, _file);
                break;
            case "PLTE":
                if (!Palette.IsEmpty || _data.Count > 0) throw FileFault.Of("VKN6504", _file, "the palette comes twice or after the pixels");
                if (body.IsEmpty || body.Length % 3 != 0 || body.Length > 3 * 256) throw FileFault.Of("VKN6504", _file, $"a palette cannot have {body.Length} bytes");
                Palette = body;
                break;
            case "tRNS":
                CheckTransparency(body.Length);
                Transparency = body;
                break;
            case "IDAT":
                if (dataEnded) throw FileFault.Of("VKN6504", _file, "the IDAT chunks do not follow one another");
                _data.Add((start, body.Length));
                break;
            default:
                // A lower-case first letter marks a chunk that a reader may leave out.
                if (type[0] is >= 'A' and <= 'Z') throw FileFault.Of("VKN6504", _file, $"the chunk {Printable(type)} is not known, but needed to show the picture");
                break;
        }
    }

    private void CheckTransparency(int length)
    {
        var right = Header.Colour switch
        {
            PngColour.Grey => length == 2,
            PngColour.Rgb => length == 6,
            PngColour.Palette => length > 0 && length <= Palette.Length / 3,
            _ => false,
        };
        if (!right || _data.Count > 0) throw FileFault.Of("VKN6504", _file, $"a tRNS chunk of {length} bytes does not belong here");
    }

    private static string Printable(string type) => string.Concat(type.Select(c => char.IsAsciiLetter(c) ? c : '?'));
}
