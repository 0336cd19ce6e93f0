using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Resampling;

/// <summary>
/// The sizes of a resized tensor and, for each axis, which elements make which. The formulas are those of ONNX's Resize (opset 19); the
/// cubic kernel is Keys's ("Cubic convolution interpolation for digital image processing", 1981).
/// </summary>
internal sealed class ResizeGeometry
{
    private readonly AttributeSet _attributes;
    private readonly Shape _input;
    private readonly double[] _scales;
    private readonly double[] _lengths;
    private readonly (double Start, double End)[] _regions;

    private ResizeGeometry(AttributeSet attributes, Shape input, Shape output, double[] scales, double[] lengths, (double Start, double End)[] regions)
    {
        (_attributes, _input, Output) = (attributes, input, output);
        (_scales, _lengths, _regions) = (scales, lengths, regions);
    }

    /// <summary>Reports attributes that do not fit; does not return.</summary>
    internal delegate void Refusal(string code, string message, string? help);

    /// <summary>Shape of the result.</summary>
    internal Shape Output { get; }

    /// <summary>The geometry of a node whose attributes have been checked.</summary>
    internal static ResizeGeometry Of(AttributeSet attributes, Shape input) =>
        Of(attributes, input, (_, message, _) => throw new InvalidOperationException(message));

    /// <summary>Reads and checks the attributes.</summary>
    internal static ResizeGeometry Of(AttributeSet attributes, Shape input, Refusal refuse)
    {
        var axes = Axes(attributes.Get(Resize.Axes), input.Rank, refuse);
        var (sizes, scales) = (attributes.Get(Resize.Sizes), attributes.Get(Resize.Scales));
        if ((sizes is null) == (scales is null)) refuse("VKN2400", "exactly one of 'sizes' and 'scales' must be given", null);
        var given = sizes?.Length ?? scales!.Length;
        if (given != axes.Length) refuse("VKN2400", $"{given} {(sizes is null ? "scales" : "sizes")} are given for {axes.Length} axes of {input}", "give one for each axis, or name the axes meant in 'axes'");
        var isRegion = attributes.Get(Resize.Coordinates) == "tf_crop_and_resize";
        var roi = attributes.Get(Resize.Region);
        if (isRegion && roi?.Length != 2 * axes.Length) refuse("VKN2401", $"tf_crop_and_resize over {axes.Length} axes needs a region of {2 * axes.Length} numbers, but {roi?.Length ?? 0} are given", "all starts first, then all ends, as fractions of the axes");
        var output = input.ToArray();
        var factors = Enumerable.Repeat(1.0, input.Rank).ToArray();
        var lengths = input.Select(size => (double)size).ToArray();
        var regions = Enumerable.Repeat((Start: 0.0, End: 1.0), input.Rank).ToArray();
        var common = Common(attributes.Get(Resize.Aspect), axes, sizes, input);
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = axes[i];
            if (isRegion) regions[axis] = (roi![i], roi[axes.Length + i]);
            var extent = isRegion ? input[axis] * (regions[axis].End - regions[axis].Start) : input[axis];
            if (sizes is null)
            {
                if (!(scales![i] > 0) || double.IsInfinity(scales[i])) refuse("VKN2400", $"the scale of axis {axis} is {scales[i]}; it must be positive and finite", null);
                (output[axis], factors[axis]) = (Whole(Math.Floor(extent * scales[i])), scales[i]);
                lengths[axis] = scales[i] * input[axis];
                continue;
            }
            if (sizes[i] < 0) refuse("VKN2400", $"the size of axis {axis} is {sizes[i]}", "sizes are not negative");
            if (input[axis] == 0 && sizes[i] > 0) refuse("VKN2401", $"axis {axis} of {input} is empty, so it cannot become {sizes[i]} elements", null);
            factors[axis] = common ?? (input[axis] == 0 ? 1 : (double)sizes[i] / input[axis]);
            output[axis] = common is null ? sizes[i] : Whole(Math.Floor(common.Value * input[axis] + 0.5));
            lengths[axis] = common is null ? sizes[i] : common.Value * input[axis];
        }
        return new ResizeGeometry(attributes, input, new Shape(output), factors, lengths, regions);

        // A product that leaves the whole numbers must not wrap.
        static long Whole(double size) => checked((long)Math.Max(0, size));
    }

    /// <summary>The maps of the axes that change.</summary>
    internal IReadOnlyList<AxisMap> Maps()
    {
        var maps = new List<AxisMap>();
        for (var axis = 0; axis < _input.Rank; axis++)
        {
            if (_input[axis] == Output[axis] && _scales[axis] == 1 && _regions[axis] == (0.0, 1.0)) continue;
            var map = Map(axis);
            if (!map.IsIdentity) maps.Add(map);
        }
        return maps;
    }

    private static int[] Axes(long[]? axes, int rank, Refusal refuse)
    {
        if (axes is null) return [.. Enumerable.Range(0, rank)];
        foreach (var axis in axes)
            if (axis < -rank || axis >= rank) refuse("VKN2103", $"axis {axis} is outside a tensor of rank {rank}", $"valid axes are {-rank} to {rank - 1}");
        int[] resolved = [.. axes.Select(a => (int)(a < 0 ? a + rank : a))];
        if (resolved.Distinct().Count() != resolved.Length) refuse("VKN2114", $"an axis is named twice in [{string.Join(", ", axes)}]", null);
        return resolved;
    }

    // One scale for all axes, so that the picture keeps its proportions; null where each axis is stretched to its size.
    private static double? Common(string policy, int[] axes, long[]? sizes, Shape input)
    {
        if (policy == "stretch" || sizes is null || axes.Length == 0 || axes.Any(a => input[a] == 0)) return null;
        var ratios = axes.Select((axis, i) => (double)sizes[i] / input[axis]);
        return policy == "not_larger" ? ratios.Min() : ratios.Max();
    }

    private AxisMap Map(int axis)
    {
        var (size, length, scale) = (_input[axis], Output[axis], _scales[axis]);
        var mode = _attributes.Get(Resize.Mode);
        var shrink = _attributes.Get(Resize.AntiAlias) && scale < 1 ? scale : 1;
        // Taps stand at floor(x) - reach + 1 ... floor(x) + reach.
        var reach = mode == "nearest" ? 1 : (int)Math.Ceiling((mode == "linear" ? 1 : 2) / shrink);
        var taps = mode == "nearest" ? 1 : 2 * reach;
        var map = new AxisMap(axis, size, length, taps, new int[checked(length * taps)], new double[checked(length * taps)]);
        for (var o = 0; o < length; o++)
        {
            var x = Coordinate(axis, o);
            if (_attributes.Get(Resize.Coordinates) == "tf_crop_and_resize" && (x < 0 || x > size - 1))
            {
                (map.Sources[o * taps], map.Weights[o * taps]) = (-1, 1);
                continue;
            }
            if (mode == "nearest")
            {
                (map.Sources[o], map.Weights[o]) = ((int)Math.Clamp(Nearest(x, scale), 0, size - 1), 1);
                continue;
            }
            Interpolate(map, o, x, reach, shrink, mode == "cubic");
        }
        return map;
    }

    private void Interpolate(AxisMap map, int o, double x, int reach, double shrink, bool cubic)
    {
        var (low, taps, sum) = (Math.Floor(x), map.Taps, 0.0);
        for (var t = 0; t < taps; t++)
        {
            var place = low - reach + 1 + t;
            var distance = Math.Abs(x - place) * shrink;
            var weight = cubic ? Cubic(distance, _attributes.Get(Resize.CubicCoefficient)) : Math.Max(0, 1 - distance);
            if (_attributes.Get(Resize.ExcludeOutside) && (place < 0 || place >= map.Input)) weight = 0;
            map.Sources[o * taps + t] = (int)Math.Clamp(place, 0, map.Input - 1);
            map.Weights[o * taps + t] = weight;
            sum += weight;
        }
        if (shrink == 1 && !_attributes.Get(Resize.ExcludeOutside)) return;
        for (var t = 0; t < taps; t++) map.Weights[o * taps + t] /= sum;
    }

    private static double Cubic(double x, double a) =>
        x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;

    // Where element o of the result lies in the source.
    private double Coordinate(int axis, double o)
    {
        var (size, length, scale) = (_input[axis], _lengths[axis], _scales[axis]);
        var (start, end) = _regions[axis];
        return _attributes.Get(Resize.Coordinates) switch
        {
            "asymmetric" => o / scale,
            "align_corners" => length == 1 ? 0 : o * (size - 1) / (length - 1),
            "pytorch_half_pixel" => length == 1 ? 0 : (o + 0.5) / scale - 0.5,
            "half_pixel_symmetric" => size / 2.0 * (1 - Output[axis] / length) + (o + 0.5) / scale - 0.5,
            "tf_half_pixel_for_nn" => (o + 0.5) / scale,
            "tf_crop_and_resize" => start * (size - 1) + (length == 1 ? (end - start) * (size - 1) / 2 : o * (end - start) * (size - 1) / (length - 1)),
            _ => (o + 0.5) / scale - 0.5,
        };
    }

    private double Nearest(double x, double scale) => _attributes.Get(Resize.Nearest) switch
    {
        "floor" => Math.Floor(x),
        "ceil" => Math.Ceiling(x),
        "round_prefer_ceil" => Math.Floor(x + 0.5),
        "simple" => scale < 1 ? Math.Ceiling(x) : Math.Floor(x),
        _ => Math.Ceiling(x - 0.5),
    };
}
