using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Draws one handwritten-looking digit.</summary>
internal static class DigitPen
{
    private const int SamplesPerSegment = 16;

    // For each digit its forms; a form is strokes, a stroke the points that a smooth curve runs through (x to the right, y down, 0 to 1).
    // Two points make a straight line.
    private static readonly (double X, double Y)[][][][] Forms =
    [
        [
            [[(.5, .04), (.22, .25), (.16, .6), (.4, .95), (.72, .82), (.84, .4), (.6, .06), (.44, .05)]],
            [[(.56, .05), (.24, .3), (.22, .72), (.5, .96), (.78, .68), (.76, .26), (.5, .05)]],
        ],
        [
            [[(.52, .04), (.48, .96)]],
            [[(.3, .24), (.52, .05)], [(.52, .05), (.52, .96)]],
            [[(.3, .24), (.52, .05)], [(.52, .05), (.52, .94)], [(.28, .95), (.76, .94)]],
        ],
        [
            [[(.2, .28), (.36, .07), (.66, .08), (.74, .32), (.5, .64), (.18, .93)], [(.18, .93), (.84, .91)]],
            [[(.22, .24), (.42, .05), (.72, .14), (.66, .44), (.3, .84), (.16, .84), (.26, .72), (.48, .86), (.84, .9)]],
        ],
        [
            [[(.2, .14), (.5, .04), (.74, .2), (.62, .4), (.42, .46)], [(.42, .46), (.74, .54), (.78, .76), (.54, .95), (.18, .86)]],
            [[(.22, .07), (.76, .07)], [(.76, .07), (.42, .42)], [(.42, .42), (.76, .56), (.72, .84), (.44, .96), (.18, .86)]],
        ],
        [
            [[(.3, .06), (.22, .52)], [(.22, .52), (.84, .5)], [(.68, .24), (.62, .96)]],
            [[(.62, .05), (.14, .62)], [(.14, .62), (.86, .6)], [(.64, .05), (.62, .96)]],
        ],
        [
            [[(.32, .07), (.26, .44)], [(.26, .44), (.54, .38), (.78, .6), (.66, .88), (.4, .96), (.18, .86)], [(.32, .07), (.78, .06)]],
            [[(.74, .08), (.34, .1), (.28, .42), (.56, .42), (.76, .62), (.6, .92), (.22, .92)]],
        ],
        [
            [[(.64, .05), (.36, .28), (.22, .64), (.34, .93), (.64, .93), (.76, .7), (.54, .52), (.28, .64)]],
            [[(.52, .04), (.28, .4), (.26, .8), (.52, .96), (.76, .8), (.68, .58), (.42, .58), (.28, .74)]],
        ],
        [
            [[(.18, .1), (.82, .08)], [(.82, .08), (.56, .48), (.42, .96)]],
            [[(.18, .18), (.24, .08), (.8, .1)], [(.8, .1), (.54, .5), (.46, .96)], [(.34, .5), (.74, .48)]],
        ],
        [
            [[(.7, .14), (.46, .04), (.26, .2), (.42, .42), (.7, .62), (.7, .88), (.46, .96), (.24, .82), (.36, .6), (.62, .4), (.74, .2), (.6, .06)]],
            [[(.5, .48), (.26, .3), (.4, .06), (.66, .08), (.72, .3), (.5, .48)], [(.5, .48), (.22, .68), (.34, .94), (.66, .94), (.78, .7), (.5, .48)]],
        ],
        [
            [[(.74, .2), (.5, .05), (.26, .2), (.34, .46), (.6, .46), (.75, .2)], [(.75, .2), (.72, .6), (.6, .96)]],
            [[(.72, .16), (.44, .05), (.24, .28), (.42, .5), (.7, .34), (.76, .14), (.76, .6), (.6, .92), (.3, .94)]],
        ],
    ];

    /// <summary>Draws a digit, white on black.</summary>
    /// <param name="random">Decides everything about it.</param>
    /// <param name="digit">0 to 9.</param>
    /// <param name="picture">Takes side x side bytes.</param>
    /// <param name="side">Pixels along an edge.</param>
    internal static void Draw(PhiloxRandom random, int digit, Span<byte> picture, int side)
    {
        var forms = Forms[digit];
        var form = forms[random.NextInteger(forms.Length)];
        var (height, width) = (side * Between(random, .58, .76), side * Between(random, .42, .68));
        var (slant, angle) = (Between(random, -.35, .35), Between(random, -.16, .16));
        var (sine, cosine) = Math.SinCos(angle);
        var (centreX, centreY) = (side / 2.0 + Between(random, -.06, .06) * side, side / 2.0 + Between(random, -.06, .06) * side);
        var radius = side * Between(random, .028, .066);
        var wobble = Between(random, .01, .045);
        var ink = Between(random, .82, 1);
        var (bendX, bendY, phase) = (Between(random, -.06, .06), Between(random, -.06, .06), Between(random, 0, Math.PI));
        var darkness = new double[side * side];
        foreach (var stroke in form)
        {
            var points = Array.ConvertAll(stroke, p => Place(p.X + wobble * random.NextNormal(), p.Y + wobble * random.NextNormal()));
            for (var segment = 0; segment + 1 < points.Length; segment++)
                for (var sample = 0; sample <= SamplesPerSegment; sample++)
                {
                    var (x, y) = OnCurve(points, segment, (double)sample / SamplesPerSegment);
                    Stamp(darkness, side, x, y, radius);
                }
        }
        var grain = Between(random, 0, .06);
        for (var i = 0; i < darkness.Length; i++)
        {
            // Speckles show on the paper only where they are strong.
            var noise = grain * random.NextNormal();
            var value = ink * darkness[i] + (darkness[i] > 0 ? noise : noise > .1 ? noise : 0);
            picture[i] = (byte)Math.Clamp((int)Math.Round(255 * value), 0, 255);
        }

        (double X, double Y) Place(double x, double y)
        {
            var (u, v) = ((x - .5 + bendX * Math.Sin(Math.PI * 2 * y + phase) - slant * (y - .5)) * width, (y - .5 + bendY * Math.Sin(Math.PI * 2 * x + phase)) * height);
            return (centreX + cosine * u - sine * v, centreY + sine * u + cosine * v);
        }
    }

    private static double Between(PhiloxRandom random, double low, double high) => low + (high - low) * random.NextUniform();

    // Catmull and Rom's spline: smooth, and it runs through its points.
    private static (double X, double Y) OnCurve((double X, double Y)[] points, int segment, double t)
    {
        var (a, b, c, d) = (points[Math.Max(0, segment - 1)], points[segment], points[segment + 1], points[Math.Min(points.Length - 1, segment + 2)]);
        return (Along(a.X, b.X, c.X, d.X, t), Along(a.Y, b.Y, c.Y, d.Y, t));
    }

    private static double Along(double a, double b, double c, double d, double t) =>
        .5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);

    // A round pen with an edge one pixel and a half wide.
    private static void Stamp(double[] darkness, int side, double x, double y, double radius)
    {
        const double Edge = 1.5;
        var reach = radius + Edge;
        for (var row = Math.Max(0, (int)(y - reach)); row <= Math.Min(side - 1, (int)(y + reach)); row++)
            for (var column = Math.Max(0, (int)(x - reach)); column <= Math.Min(side - 1, (int)(x + reach)); column++)
            {
                var distance = Math.Sqrt(Math.Pow(column + .5 - x, 2) + Math.Pow(row + .5 - y, 2));
                var value = Math.Clamp((radius + Edge / 2 - distance) / Edge, 0, 1);
                darkness[row * side + column] = Math.Max(darkness[row * side + column], value);
            }
    }
}
