namespace VkNet.Formats;

/// <summary>
/// A picture in memory: rows from top to bottom, pixels from left to right, channels interleaved
/// (1: grey; 3: red, green, blue; 4: red, green, blue, alpha), 8 or 16 bits a sample, in the file's own (non-linear) values.
/// </summary>
public sealed class Picture
{
    private readonly byte[]? _bytes;
    private readonly ushort[]? _words;

    /// <summary>Wraps 8-bit samples (no copy): <paramref name="height"/> x <paramref name="width"/> x <paramref name="channels"/>.</summary>
    /// <exception cref="ArgumentException">A size is not positive, the channels are not 1, 3 or 4, or the array has another length.</exception>
    public Picture(int width, int height, int channels, byte[] samples)
        : this(width, height, channels)
    {
        _bytes = samples;
        CheckLength(samples.Length);
    }

    /// <summary>Wraps 16-bit samples (no copy): <paramref name="height"/> x <paramref name="width"/> x <paramref name="channels"/>.</summary>
    /// <exception cref="ArgumentException">A size is not positive, the channels are not 1, 3 or 4, or the array has another length.</exception>
    public Picture(int width, int height, int channels, ushort[] samples)
        : this(width, height, channels)
    {
        _words = samples;
        CheckLength(samples.Length);
    }

    private Picture(int width, int height, int channels)
    {
        if (width <= 0 || height <= 0) throw new ArgumentException($"a picture cannot be {width} x {height} pixels");
        if (channels is not (1 or 3 or 4)) throw new ArgumentException($"a picture has 1, 3 or 4 channels, not {channels}");
        Width = width;
        Height = height;
        Channels = channels;
    }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>1 (grey), 3 (RGB) or 4 (RGBA, not premultiplied).</summary>
    public int Channels { get; }

    /// <summary>8 or 16.</summary>
    public int BitDepth => _bytes is not null ? 8 : 16;

    /// <summary>The samples of an 8-bit picture.</summary>
    /// <exception cref="InvalidOperationException">The picture has 16 bits.</exception>
    public Span<byte> Bytes => _bytes ?? throw new InvalidOperationException("this picture has 16-bit samples");

    /// <summary>The samples of a 16-bit picture.</summary>
    /// <exception cref="InvalidOperationException">The picture has 8 bits.</exception>
    public Span<ushort> Words => _words ?? throw new InvalidOperationException("this picture has 8-bit samples");

    /// <summary>One sample, scaled to 0..1.</summary>
    public float this[int x, int y, int channel]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)Channels, nameof(channel));
            var index = (((y * Width) + x) * Channels) + channel;
            return _bytes is not null ? _bytes[index] / 255f : _words![index] / 65535f;
        }
    }

    /// <summary>Copies the samples of part of a row, scaled to 0..1: <c>destination.Length / Channels</c> pixels from <paramref name="x"/> on.</summary>
    public void ReadRow(int y, int x, Span<float> destination)
    {
        var start = ((y * Width) + x) * Channels;
        if (_bytes is not null)
        {
            var source = _bytes.AsSpan(start, destination.Length);
            for (var i = 0; i < source.Length; i++) destination[i] = source[i] / 255f;
        }
        else
        {
            var source = _words.AsSpan(start, destination.Length);
            for (var i = 0; i < source.Length; i++) destination[i] = source[i] / 65535f;
        }
    }

    /// <summary>A picture without alpha: where this one is transparent, a grey shows through. Pictures without alpha are returned as they are.</summary>
    /// <param name="grey">The background, 0 (black) to 1 (white).</param>
    public Picture OnBackground(float grey)
    {
        if (Channels != 4) return this;
        var full = _bytes is not null ? byte.MaxValue : ushort.MaxValue;
        var samples = new ushort[checked(Width * Height * 3)];
        for (var i = 0; i < samples.Length; i++)
        {
            var (source, alpha) = _bytes is not null ? (_bytes[i / 3 * 4 + i % 3], _bytes[i / 3 * 4 + 3]) : ((int)_words![i / 3 * 4 + i % 3], (int)_words[i / 3 * 4 + 3]);
            samples[i] = (ushort)Math.Round(((double)source * alpha + (double)grey * full * (full - alpha)) / full);
        }
        return _bytes is null ? new Picture(Width, Height, 3, samples) : new Picture(Width, Height, 3, Array.ConvertAll(samples, s => (byte)s));
    }

    /// <summary>Formats as <c>640 x 480, 3 channels of 8 bits</c>.</summary>
    public override string ToString() => $"{Width} x {Height}, {Channels} channels of {BitDepth} bits";

    private void CheckLength(int length)
    {
        if (length != (long)Width * Height * Channels)
            throw new ArgumentException($"{length} samples do not fill a picture of {Width} x {Height} x {Channels}");
    }
}
