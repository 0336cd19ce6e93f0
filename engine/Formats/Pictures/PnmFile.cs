using System.Buffers.Binary;
using System.Text;

namespace VkNet.Formats;

/// <summary>
/// The portable pixmaps of Netpbm: P2 and P5 (grey), P3 and P6 (RGB), as text or binary, up to 16 bits.
/// A largest value other than 255 or 65535 is stretched to the whole range.
/// </summary>
internal sealed class PnmFile
{
    private readonly byte[] _content;
    private readonly string _file;
    private int _position = 2;

    private PnmFile(byte[] content, string file)
    {
        _content = content;
        _file = file;
    }

    /// <summary>Whether a file starts like one of these.</summary>
    public static bool Recognises(ReadOnlySpan<byte> content) =>
        content.Length >= 3 && content[0] == 'P' && content[1] is (byte)'2' or (byte)'3' or (byte)'5' or (byte)'6' && IsBlankOrComment(content[2]);

    /// <summary>Decodes the bytes of a file; what follows the picture is left alone.</summary>
    /// <exception cref="VkNetException">VKN6503 to VKN6505, VKN6507.</exception>
    public static Picture Read(byte[] content, string file) => new PnmFile(content, file).Read();

    /// <summary>Writes a picture as P5 or P6; alpha is left out.</summary>
    public static void Write(Stream stream, Picture picture)
    {
        var kept = Math.Min(picture.Channels, 3);
        stream.Write(Encoding.ASCII.GetBytes($"P{(kept == 1 ? 5 : 6)}\n{picture.Width} {picture.Height}\n{(picture.BitDepth == 8 ? 255 : 65535)}\n"));
        var row = new byte[picture.Width * kept * picture.BitDepth / 8];
        for (var y = 0; y < picture.Height; y++)
        {
            for (var i = 0; i < picture.Width * kept; i++)
            {
                var from = (((y * picture.Width) + (i / kept)) * picture.Channels) + (i % kept);
                if (picture.BitDepth == 8) row[i] = picture.Bytes[from];
                else BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(2 * i), picture.Words[from]);
            }
            stream.Write(row);
        }
    }

    private Picture Read()
    {
        var kind = _content[1] - '0';
        var isText = kind < 4;
        var channels = kind is 3 or 6 ? 3 : 1;
        var (width, height, largest) = (ReadNumber("the width"), ReadNumber("the height"), ReadNumber("the largest value"));
        if (largest is < 1 or > 65535) throw FileFault.Of("VKN6504", _file, $"the largest value of a pixmap is 1 to 65535, not {largest}");
        var sampleBytes = largest < 256 ? 1 : 2;
        if (!isText)
        {
            if (_position >= _content.Length || !IsBlank(_content[_position])) throw FileFault.Of("VKN6504", _file, "one blank must stand between the header and the pixels");
            _position++;
        }
        // In text every sample takes a digit and, but for the last, a blank.
        var available = _content.Length - _position;
        PictureLimits.Check(_file, width, height, channels,
            () => isText ? (width * height * channels * 2) - 1 <= available : width * height * channels * sampleBytes <= available);

        var samples = (int)(width * height * channels);
        Func<int, long> next = isText ? _ => ReadNumber("a sample") : sampleBytes == 1 ? i => _content[_position + i] : i => BinaryPrimitives.ReadUInt16BigEndian(_content.AsSpan(_position + (2 * i)));
        if (largest < 256)
        {
            var bytes = new byte[samples];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)Scale(next(i), largest, 255);
            return new Picture((int)width, (int)height, channels, bytes);
        }
        var words = new ushort[samples];
        for (var i = 0; i < words.Length; i++) words[i] = (ushort)Scale(next(i), largest, 65535);
        return new Picture((int)width, (int)height, channels, words);
    }

    private long Scale(long value, long largest, long range)
    {
        if (value > largest) throw FileFault.Of("VKN6507", _file, $"a sample is {value}, more than the largest value {largest} of the header");
        return largest == range ? value : ((value * range) + (largest / 2)) / largest;
    }

    private long ReadNumber(string what)
    {
        while (_position < _content.Length && IsBlankOrComment(_content[_position]))
        {
            if (_content[_position++] != '#') continue;
            while (_position < _content.Length && _content[_position] is not ((byte)'\n' or (byte)'\r')) _position++;
        }
        var start = _position;
        long number = 0;
        while (_position < _content.Length && _content[_position] is >= (byte)'0' and <= (byte)'9')
        {
            number = Math.Min((number * 10) + (_content[_position] - '0'), int.MaxValue);
            _position++;
        }
        if (_position > start) return number;
        throw _position == _content.Length
            ? FileFault.Of("VKN6503", _file, $"the pixmap ends where {what} should stand", "it is cut short")
            : FileFault.Of("VKN6504", _file, $"{what} is no number (byte {_position})");
    }

    private static bool IsBlank(byte character) => character is (byte)' ' or (>= 9 and <= 13);

    private static bool IsBlankOrComment(byte character) => IsBlank(character) || character == '#';
}
