using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Random changes of training pictures. What happens to an example in an epoch depends on the seed, the epoch and the example's number
/// alone, whichever thread does it.
/// </summary>
public sealed record Augmentation
{
    /// <summary>Whether every second picture is mirrored left to right.</summary>
    public bool FlipHorizontal { get; init; }

    /// <summary>Whether every second picture is turned upside down.</summary>
    public bool FlipVertical { get; init; }

    /// <summary>Pixels of black put around the picture before a window of its size is cut at a random place; 0 for none.</summary>
    public int Crop { get; init; }

    /// <summary>Largest shift along each axis, in pixels (fractions are interpolated).</summary>
    public double Shift { get; init; }

    /// <summary>Largest rotation either way, in degrees.</summary>
    public double Rotate { get; init; }

    /// <summary>Smallest factor of size.</summary>
    public double SmallestScale { get; init; } = 1;

    /// <summary>Largest factor of size.</summary>
    public double LargestScale { get; init; } = 1;

    /// <summary>Largest relative change of brightness.</summary>
    public double Brightness { get; init; }

    /// <summary>Largest relative change of contrast about the picture's mean.</summary>
    public double Contrast { get; init; }

    /// <summary>Largest relative change of saturation about the pixel's grey.</summary>
    public double Saturation { get; init; }

    private bool MovesSmoothly => Shift != 0 || Rotate != 0 || SmallestScale != 1 || LargestScale != 1;

    /// <summary>Changes one picture in place.</summary>
    /// <param name="picture">Samples [C, H, W], 0 for black.</param>
    /// <param name="scratch">As long as the picture.</param>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="seed">The training's seed.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="example">The example's number.</param>
    internal void Apply(Span<float> picture, Span<float> scratch, int channels, int height, int width, ulong seed, long epoch, long example)
    {
        var draws = new Draws(seed, epoch, example);
        // Every number is drawn whether it is wanted or not, so that adding one kind of change leaves the others as they were.
        var (mirror, turn) = (draws.Next() < 0.5 && FlipHorizontal, draws.Next() < 0.5 && FlipVertical);
        var (cropX, cropY) = ((int)(draws.Next() * (2 * Crop + 1)) - Crop, (int)(draws.Next() * (2 * Crop + 1)) - Crop);
        var (shiftX, shiftY) = (Shift * draws.Signed(), Shift * draws.Signed());
        var angle = Rotate * draws.Signed() * Math.PI / 180;
        var scale = SmallestScale + (LargestScale - SmallestScale) * draws.Next();
        var (brightness, contrast, saturation) = (1 + Brightness * draws.Signed(), 1 + Contrast * draws.Signed(), 1 + Saturation * draws.Signed());
        if (MovesSmoothly)
        {
            picture.CopyTo(scratch);
            Resample(scratch, picture, channels, height, width, angle, scale, shiftX, shiftY);
        }
        if (mirror || turn || cropX != 0 || cropY != 0)
        {
            picture.CopyTo(scratch);
            MoveWhole(scratch, picture, channels, height, width, mirror, turn, cropX, cropY);
        }
        if (Brightness != 0 || Contrast != 0 || Saturation != 0) Colour(picture, channels, height * width, (float)brightness, (float)contrast, (float)saturation);
    }

    private static void MoveWhole(ReadOnlySpan<float> source, Span<float> target, int channels, int height, int width, bool mirror, bool turn, int offsetX, int offsetY)
    {
        for (var c = 0; c < channels; c++)
            for (var y = 0; y < height; y++)
            {
                var sourceY = (turn ? height - 1 - y : y) + offsetY;
                var row = target.Slice((c * height + y) * width, width);
                for (var x = 0; x < width; x++)
                {
                    var sourceX = (mirror ? width - 1 - x : x) + offsetX;
                    row[x] = (uint)sourceX < (uint)width && (uint)sourceY < (uint)height ? source[(c * height + sourceY) * width + sourceX] : 0;
                }
            }
    }

    private static void Resample(ReadOnlySpan<float> source, Span<float> target, int channels, int height, int width, double angle, double scale, double shiftX, double shiftY)
    {
        var (sine, cosine) = Math.SinCos(angle);
        var (centreX, centreY) = ((width - 1) / 2.0, (height - 1) / 2.0);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (dx, dy) = ((x - centreX - shiftX) / scale, (y - centreY - shiftY) / scale);
                var (u, v) = (cosine * dx + sine * dy + centreX, cosine * dy - sine * dx + centreY);
                var (left, top) = ((int)Math.Floor(u), (int)Math.Floor(v));
                var (fx, fy) = ((float)(u - left), (float)(v - top));
                for (var c = 0; c < channels; c++)
                {
                    var plane = source.Slice(c * height * width, height * width);
                    target[(c * height + y) * width + x] =
                        (1 - fy) * ((1 - fx) * At(plane, left, top, height, width) + fx * At(plane, left + 1, top, height, width))
                        + fy * ((1 - fx) * At(plane, left, top + 1, height, width) + fx * At(plane, left + 1, top + 1, height, width));
                }
            }
    }

    private static float At(ReadOnlySpan<float> plane, int x, int y, int height, int width) => (uint)x < (uint)width && (uint)y < (uint)height ? plane[y * width + x] : 0;

    private static void Colour(Span<float> picture, int channels, int pixels, float brightness, float contrast, float saturation)
    {
        float mean = 0;
        foreach (var value in picture) mean += value;
        mean *= brightness / picture.Length;
        for (var i = 0; i < pixels; i++)
        {
            float grey = 0;
            for (var c = 0; c < channels; c++) grey += picture[c * pixels + i];
            grey *= brightness / channels;
            for (var c = 0; c < channels; c++)
            {
                var value = picture[c * pixels + i] * brightness;
                if (channels > 1) value = grey + saturation * (value - grey);
                picture[c * pixels + i] = Math.Clamp(mean + contrast * (value - mean), 0, 1);
            }
        }
    }

    // Random numbers of one example without an object: block n of the example's own stream.
    private ref struct Draws(ulong seed, long epoch, long example)
    {
        private static readonly ulong Stream = PhiloxRandom.StreamOf("augmentation");
        private uint _count;

        internal double Next()
        {
            var (a, b, c, d) = PhiloxRandom.Block(unchecked((ulong)example << 8 | _count / 4), unchecked(Stream + (ulong)epoch), (uint)seed, (uint)(seed >> 32));
            var word = (_count++ % 4) switch { 0 => a, 1 => b, 2 => c, _ => d };
            return word * (1.0 / 4294967296.0);
        }

        internal double Signed() => 2 * Next() - 1;
    }
}
