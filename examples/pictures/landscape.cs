#:project ../../engine/VkNet.Engine.csproj
#:property PublishAot=false
#:property GenerateDocumentationFile=false

// Paints examples/pictures/landscape.png: mountains over a lake, made of nothing but arithmetic, so that the examples
// have a picture to work on that is free of anybody's rights. It has what an image pyramid shows well: hard edges (the
// ridges, the hut), smooth gradients (the sky, the haze) and fine texture (the forest, the meadow, the water).
//
//   dotnet run examples/pictures/landscape.cs [FILE] [SIZE] [day|night|mask]
//
// "night" paints the same place under the moon, "mask" a slanting edge between white and black, to blend the two along.

using VkNet.Formats;

var file = args.Length > 0 ? args[0] : "landscape.png";
var size = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 256;
Func<double, double, Colour> scene = (args.Length > 2 ? args[2] : "day") switch
{
    "day" => Scene.At,
    "night" => Scene.AtNight,
    "mask" => (x, y) => x + (0.3 * (y - 0.5)) < 0.47 ? new(1, 1, 1) : default,
    var other => throw new ArgumentException($"'{other}' is neither day nor night nor mask"),
};
const int Samples = 4; // per pixel and direction, so that edges are smooth

var pixels = new byte[size * size * 3];
Parallel.For(0, size, row =>
{
    for (var column = 0; column < size; column++)
    {
        var sum = default(Colour);
        for (var s = 0; s < Samples * Samples; s++)
            sum += scene((column + (((s % Samples) + 0.5) / Samples)) / size, (row + (((s / Samples) + 0.5) / Samples)) / size);
        var colour = sum * (1.0 / (Samples * Samples));
        var at = ((row * size) + column) * 3;
        pixels[at] = Quantise(colour.Red);
        pixels[at + 1] = Quantise(colour.Green);
        pixels[at + 2] = Quantise(colour.Blue);
    }
});
PictureFile.Save(file, new Picture(size, size, 3, pixels));

static byte Quantise(double value) => (byte)Math.Clamp((Math.Pow(Math.Max(0, value), 1 / 2.2) * 255) + 0.5, 0, 255);

/// <summary>Light of three colours, in linear values.</summary>
internal readonly record struct Colour(double Red, double Green, double Blue)
{
    public static Colour operator +(Colour a, Colour b) => new(a.Red + b.Red, a.Green + b.Green, a.Blue + b.Blue);

    public static Colour operator *(Colour a, double f) => new(a.Red * f, a.Green * f, a.Blue * f);

    public static Colour Mix(Colour a, Colour b, double t) => (a * (1 - t)) + (b * t);
}

/// <summary>The colour of each point; x grows to the right and y downwards, both from 0 to 1.</summary>
internal static class Scene
{
    private const double Shore = 0.66;
    private static readonly Colour Haze = new(0.62, 0.66, 0.74);

    public static Colour At(double x, double y)
    {
        if (y > MeadowEdge(x)) return Hut(x, y) ?? Meadow(x, y);
        if (Hut(x, y) is { } hut) return hut;
        if (Tree(x, y, 0.83, 0.90, 0.30) || Tree(x, y, 0.93, 0.93, 0.36) || Tree(x, y, 0.74, 0.875, 0.16)) return Needles(x, y);
        return y > Shore ? Lake(x, y) : Land(x, y);
    }

    // By moonlight colours are hardly seen; only the window keeps its own light.
    public static Colour AtNight(double x, double y)
    {
        var day = At(x, y);
        var light = (0.21 * day.Red) + (0.72 * day.Green) + (0.07 * day.Blue);
        return day.Red > 0.9 && day.Blue < 0.4 ? day : new Colour(0.10, 0.14, 0.26) * (light * (0.4 + light));
    }

    // Sky, three ridges and the forest on the far shore.
    private static Colour Land(double x, double y)
    {
        if (y > Shore - 0.035 - (0.05 * Noise.Fractal(x * 14, 3.7, 5))) return Colour.Mix(new(0.03, 0.09, 0.05), new(0.09, 0.18, 0.07), Noise.Fractal(x * 90, y * 60, 3));
        if (y > Ridge(x, 0.60, 0.10, 5, 11)) return Rock(x, y, 0.60, 0.28, snowLine: -1);
        if (y > Ridge(x, 0.50, 0.26, 3.1, 23)) return Rock(x, y, 0.50, 0.42, snowLine: 0.39);
        if (y > Ridge(x, 0.42, 0.20, 2.3, 41)) return Rock(x, y, 0.42, 0.60, snowLine: 0.33);
        return Sky(x, y);
    }

    private static Colour Sky(double x, double y)
    {
        var sky = Colour.Mix(new(0.09, 0.22, 0.52), new(0.80, 0.66, 0.50), Smooth(0, 0.5, y));
        var fromSun = Math.Sqrt(Math.Pow(x - 0.24, 2) + Math.Pow(y - 0.17, 2));
        sky += new Colour(1, 0.75, 0.4) * (0.35 * Math.Exp(-fromSun * 7));
        if (fromSun < 0.042) return new Colour(1.1, 1.0, 0.82);
        var cloud = Smooth(0.52, 0.74, Noise.Fractal((x * 3.2) + 9, (y * 8) + 2, 6)) * Smooth(0.42, 0.15, y);
        return Colour.Mix(sky, new(0.93, 0.90, 0.88), 0.85 * cloud);
    }

    private static Colour Rock(double x, double y, double foot, double distance, double snowLine)
    {
        // The slope seen from the sun: the difference of the relief over a small step decides light and shade.
        var relief = Noise.Fractal(x * 22, y * 34, 5) - Noise.Fractal((x - 0.012) * 22, (y - 0.008) * 34, 5);
        var light = Math.Clamp(0.55 + (3.2 * relief), 0.1, 1.2);
        var ground = Colour.Mix(new(0.16, 0.14, 0.15), new(0.36, 0.30, 0.26), light);
        if (y < snowLine + (0.12 * (Noise.Fractal(x * 17, y * 17, 4) - 0.5))) ground = Colour.Mix(new(0.42, 0.50, 0.66), new(0.97, 0.95, 0.93), light);
        var mist = distance * (0.45 + (0.55 * Smooth(foot - 0.25, foot + 0.12, y)));
        return Colour.Mix(ground, Haze, Math.Clamp(mist, 0, 0.9));
    }

    // The land upside down, shaken by waves that grow towards the viewer.
    private static Colour Lake(double x, double y)
    {
        var depth = (y - Shore) / (1 - Shore);
        var wave = Noise.Fractal(x * 9, y * (150 - (90 * depth)), 3) - 0.5;
        var mirrored = Land(x + (0.03 * depth * wave), Shore - (0.9 * (y - Shore)) - (0.05 * depth * wave) - 0.002);
        var water = Colour.Mix(mirrored * 0.75, new(0.05, 0.13, 0.17), 0.30 + (0.35 * depth));
        return wave > 0.19 ? Colour.Mix(water, new(0.85, 0.80, 0.72), 0.35) : water;
    }

    private static double MeadowEdge(double x) => 0.95 - (0.105 * Smooth(0.22, 0.62, x)) + (0.012 * Noise.Fractal(x * 30, 1.3, 4));

    private static Colour Meadow(double x, double y)
    {
        var blades = Noise.Fractal(x * 160, y * 45, 3);
        var grass = Colour.Mix(new(0.04, 0.11, 0.02), new(0.30, 0.36, 0.08), blades);
        return Noise.Value(x * 75, y * 75) > 0.90 ? Colour.Mix(grass, new(0.90, 0.75, 0.25), 0.8) : grass;
    }

    private static Colour? Hut(double x, double y)
    {
        const double Left = 0.50, Right = 0.66, Top = 0.775, Bottom = 0.905, Apex = 0.69;
        var roof = Apex + ((Top - Apex) * Math.Abs(x - ((Left + Right) / 2)) / (((Right - Left) / 2) + 0.02));
        if (y > roof && y < Top + 0.006) return Math.Abs(Frac((y - Apex) * 60) - 0.5) > 0.36 ? new(0.16, 0.04, 0.03) : new Colour(0.45, 0.10, 0.06);
        if (x is < Left or > Right || y is < Top or > Bottom) return null;
        if (x is > 0.60 and < 0.64 && y > 0.825) return new(0.05, 0.03, 0.02);
        if (x is > 0.52 and < 0.57 && y is > 0.805 and < 0.85)
            return Math.Abs(x - 0.545) < 0.003 || Math.Abs(y - 0.8275) < 0.003 ? new(0.75, 0.72, 0.65) : new Colour(0.95, 0.72, 0.30);
        var plank = Frac(y * 55);
        return new Colour(0.34, 0.21, 0.11) * (plank < 0.16 ? 0.35 : 0.8 + (0.4 * Noise.Fractal(x * 60, Math.Floor(y * 55) * 7, 3)));
    }

    // A fir: branches that widen in steps from the tip to the foot.
    private static bool Tree(double x, double y, double centre, double foot, double height)
    {
        var down = (y - (foot - height)) / height;
        if (down is < 0 or > 1) return false;
        if (Math.Abs(x - centre) < 0.006) return true;
        var step = Frac(down * 8);
        return down < 0.93 && Math.Abs(x - centre) < height * 0.24 * down * (0.55 + (0.45 * step)) * (0.85 + (0.3 * Noise.Value(x * 120, y * 120)));
    }

    private static Colour Needles(double x, double y) => Colour.Mix(new(0.010, 0.030, 0.018), new(0.07, 0.15, 0.06), Noise.Fractal(x * 130, y * 130, 3));

    private static double Ridge(double x, double foot, double height, double frequency, double seed) =>
        foot - (height * (1 - Math.Abs((2 * Noise.Fractal(x * frequency, seed, 4)) - 1))) - (0.05 * Noise.Fractal(x * frequency * 4, seed + 5, 5)) + (0.5 * height);

    private static double Smooth(double from, double to, double value)
    {
        var t = Math.Clamp((value - from) / (to - from), 0, 1);
        return t * t * (3 - (2 * t));
    }

    private static double Frac(double value) => value - Math.Floor(value);
}

/// <summary>Value noise: a random number per grid point, joined smoothly; and its sum over octaves.</summary>
internal static class Noise
{
    public static double Value(double x, double y)
    {
        var (column, row) = (Math.Floor(x), Math.Floor(y));
        var (u, v) = (Fade(x - column), Fade(y - row));
        var top = Lerp(Hash(column, row), Hash(column + 1, row), u);
        var bottom = Lerp(Hash(column, row + 1), Hash(column + 1, row + 1), u);
        return Lerp(top, bottom, v);
    }

    public static double Fractal(double x, double y, int octaves)
    {
        double sum = 0, weight = 0.5, total = 0;
        for (var i = 0; i < octaves; i++)
        {
            sum += weight * Value(x, y);
            total += weight;
            (x, y, weight) = ((x * 2) + 17.3, (y * 2) + 5.9, weight / 2);
        }
        return sum / total;
    }

    private static double Hash(double column, double row)
    {
        var bits = ((uint)(int)column * 0x9E3779B1u) ^ ((uint)(int)row * 0x85EBCA77u);
        bits = (bits ^ (bits >> 15)) * 0x2C1B3C6Du;
        bits = (bits ^ (bits >> 12)) * 0x297A2D39u;
        return (bits ^ (bits >> 15)) / (double)uint.MaxValue;
    }

    private static double Fade(double t) => t * t * (3 - (2 * t));

    private static double Lerp(double a, double b, double t) => a + ((b - a) * t);
}
