using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Resampling;

/// <summary>The sizes of a sampling: a picture [N, C, D, H, W] read at the points of a grid [N, points, axes]. Two axes have D = 1.</summary>
internal sealed record GridGeometry(int Axes, int Batch, int Channels, int[] Sizes, int Points, GridSampling Sampling)
{
    /// <summary>Elements of one channel.</summary>
    internal int Plane => Sizes[0] * Sizes[1] * Sizes[2];

    /// <summary>Elements read for one point.</summary>
    internal int Taps => Axes == 2 ? Sampling.Taps * Sampling.Taps : Sampling.Taps * Sampling.Taps * Sampling.Taps;

    /// <summary>The geometry of a node whose attributes have been checked.</summary>
    internal static GridGeometry Of(AttributeSet attributes, Shape input, Shape grid)
    {
        var axes = input.Rank - 2;
        int[] sizes = [.. Enumerable.Repeat(1, 3 - axes), .. input.Skip(2).Select(s => checked((int)s))];
        var sampling = new GridSampling(attributes.Get(GridSample.Mode)!, attributes.Get(GridSample.Padding)!, attributes.Get(GridSample.AlignCorners));
        return new GridGeometry(axes, checked((int)input[0]), checked((int)input[1]), sizes, checked((int)grid.Product(1, grid.Rank - 1)), sampling);
    }

    /// <summary>Visits the elements that point <paramref name="point"/> of item <paramref name="item"/> reads.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="item">Index in the batch.</param>
    /// <param name="point">Index of the point.</param>
    /// <param name="visit">Receives the place within a channel, the weight, and the derivatives of the weight in the point's coordinates.</param>
    internal void ForEachTap(double[] grid, int item, int point, Action<int, double, double[]> visit)
    {
        var taps = Sampling.Taps;
        var (places, weights, slopes) = (new int[3 * taps], new double[3 * taps], new double[3 * taps]);
        var counts = new[] { Axes == 2 ? 1 : taps, taps, taps };
        weights[0] = 1;
        for (var axis = 3 - Axes; axis < 3; axis++)
        {
            // The grid names the innermost axis first.
            var coordinate = grid[(item * Points + point) * Axes + 2 - axis];
            Sampling.Locate(coordinate, Sizes[axis], places.AsSpan(axis * taps, taps), weights.AsSpan(axis * taps, taps), slopes.AsSpan(axis * taps, taps));
        }
        var derivatives = new double[Axes];
        for (var i = 0; i < counts[0]; i++)
        for (var j = taps; j < taps + counts[1]; j++)
        for (var k = 2 * taps; k < 2 * taps + counts[2]; k++)
        {
            if (places[i] < 0 || places[j] < 0 || places[k] < 0) continue;
            derivatives[0] = weights[i] * weights[j] * slopes[k];
            derivatives[1] = weights[i] * slopes[j] * weights[k];
            if (Axes == 3) derivatives[2] = slopes[i] * weights[j] * weights[k];
            visit((places[i] * Sizes[1] + places[j]) * Sizes[2] + places[k], weights[i] * weights[j] * weights[k], derivatives);
        }
    }
}
