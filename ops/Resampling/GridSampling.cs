namespace VkNet.Operators.Resampling;

/// <summary>
/// Where a sampling grid reads a picture, along one axis: ONNX's GridSample (opset 20), after Jaderberg et al., "Spatial Transformer
/// Networks" (2015). The kernels in <c>shaders/resampling/grid.glsl</c> do the same.
/// </summary>
internal sealed class GridSampling(string mode, string padding, bool alignCorners)
{
    private const double CubicCoefficient = -0.75;

    // Coordinates beyond this are as far outside as any; not-a-number counts as such.
    private const double Farthest = 1 << 24;

    /// <summary>Number of elements read along an axis.</summary>
    internal int Taps => mode switch { "nearest" => 1, "linear" => 2, _ => 4 };

    /// <summary>The elements read for a coordinate of the grid.</summary>
    /// <param name="coordinate">-1 is one edge of the axis, 1 the other.</param>
    /// <param name="size">Size of the axis.</param>
    /// <param name="places">Receives element numbers; -1 stands for a zero.</param>
    /// <param name="weights">Receives their weights.</param>
    /// <param name="slopes">Receives the derivatives of the weights in the coordinate.</param>
    internal void Locate(double coordinate, long size, Span<int> places, Span<double> weights, Span<double> slopes)
    {
        var (low, high) = alignCorners ? (0.0, size - 1.0) : (-0.5, size - 0.5);
        var slope = (high - low) / 2;
        var x = alignCorners ? (coordinate + 1) * 0.5 * (size - 1) : ((coordinate + 1) * size - 1) * 0.5;
        x = x >= -Farthest ? Math.Min(x, Farthest) : -Farthest;
        if (mode == "nearest") x = Math.Round(x, MidpointRounding.ToEven);
        if (x < low || x > high)
        {
            if (padding == "border") (x, slope) = (Math.Clamp(x, 0, size - 1), 0);
            else if (padding == "reflection") (x, slope) = Reflect(x, low, high, slope);
        }
        var first = (long)Math.Floor(x);
        var r = x - first;
        switch (mode)
        {
            case "nearest":
                (weights[0], slopes[0]) = (1, 0);
                break;
            case "linear":
                (weights[0], weights[1]) = (1 - r, r);
                (slopes[0], slopes[1]) = (-slope, slope);
                break;
            default:
                first--;
                for (var t = 0; t < 4; t++)
                {
                    var distance = Math.Abs(r + 1 - t);
                    weights[t] = Cubic(distance);
                    slopes[t] = CubicSlope(distance) * (r + 1 - t < 0 ? -slope : slope);
                }
                break;
        }
        for (var t = 0; t < Taps; t++) places[t] = Place(first + t, size, low, high);
    }

    private int Place(long place, long size, double low, double high)
    {
        if (place >= 0 && place < size) return (int)place;
        return padding switch
        {
            "border" => (int)Math.Clamp(place, 0, size - 1),
            "reflection" => (int)Math.Clamp(Reflect(place, low, high, 1).X, 0, size - 1),
            _ => -1,
        };
    }

    private static (double X, double Slope) Reflect(double x, double low, double high, double slope)
    {
        var range = high - low;
        if (range <= 0) return (low, 0);
        var beyond = x < low ? low - x : x > high ? x - high : 0;
        if (beyond == 0) return (x, slope);
        var turns = Math.Floor(beyond / range);
        var rest = beyond - turns * range;
        var returns = turns % 2 == 0;
        return x < low ? (returns ? low + rest : high - rest, returns ? -slope : slope) : (returns ? high - rest : low + rest, returns ? -slope : slope);
    }

    private static double Cubic(double x) => x <= 1
        ? ((CubicCoefficient + 2) * x - (CubicCoefficient + 3)) * x * x + 1
        : ((CubicCoefficient * x - 5 * CubicCoefficient) * x + 8 * CubicCoefficient) * x - 4 * CubicCoefficient;

    private static double CubicSlope(double x) => x <= 1
        ? (3 * (CubicCoefficient + 2) * x - 2 * (CubicCoefficient + 3)) * x
        : (3 * CubicCoefficient * x - 10 * CubicCoefficient) * x + 8 * CubicCoefficient;
}
