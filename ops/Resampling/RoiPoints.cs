using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Resampling;

/// <summary>The points that <c>roi_align</c> reads, on the host: for a cell, the four neighbours of each of its points.</summary>
internal sealed class RoiPoints(AttributeSet attributes, Shape input, Shape cells, double[] regions, long[] items)
{
    private readonly double _scale = attributes.Get(RoiAlign.SpatialScale), _shift = attributes.Get(RoiAlign.HalfPixel) ? 0.5 : 0;
    private readonly long _ratio = attributes.Get(RoiAlign.SamplingRatio);

    /// <summary>Number of points of a cell; at least 1, to divide by.</summary>
    internal long CountOf(long cell)
    {
        var (_, _, rows, _, _, columns, _) = Grid(cell);
        return Math.Max(1, rows * columns);
    }

    /// <summary>Whether a point of the cell lies outside the picture.</summary>
    internal bool HasOutside(long cell)
    {
        var outside = false;
        Visit(cell, (y, x) => outside |= !IsInside(y, x));
        return outside;
    }

    /// <summary>Calls back with the place of each neighbour of each point in the input, and its weight.</summary>
    internal void ForEach(long cell, Action<long, double> neighbour)
    {
        var plane = Grid(cell).Plane;
        Visit(cell, (y, x) =>
        {
            if (!IsInside(y, x)) return;
            var (top, down) = RoiAlign.Neighbours(ref y, input[2]);
            var (left, right) = RoiAlign.Neighbours(ref x, input[3]);
            neighbour((plane + top) * input[3] + left, (1 - y) * (1 - x));
            neighbour((plane + top) * input[3] + right, (1 - y) * x);
            neighbour((plane + down) * input[3] + left, y * (1 - x));
            neighbour((plane + down) * input[3] + right, y * x);
        });
    }

    private bool IsInside(double y, double x) => y >= -1 && y <= input[2] && x >= -1 && x <= input[3];

    private void Visit(long cell, Action<double, double> point)
    {
        var (y0, height, rows, x0, width, columns, _) = Grid(cell);
        for (var a = 0L; a < rows; a++)
            for (var b = 0L; b < columns; b++) point(y0 + (a + 0.5) * height / rows, x0 + (b + 0.5) * width / columns);
    }

    // Where a cell begins along each axis, how large it is and how many points it has; and the first row of its plane.
    private (double Top, double Height, long Rows, double Left, double Width, long Columns, long Plane) Grid(long cell)
    {
        var (column, row, channel, region) = (cell % cells[3], cell / cells[3] % cells[2], cell / cells[3] / cells[2] % cells[1], cell / cells[3] / cells[2] / cells[1]);
        var item = Math.Clamp(items[region], 0, input[0] - 1);
        var (x0, y0) = (regions[4 * region] * _scale - _shift, regions[4 * region + 1] * _scale - _shift);
        var (width, height) = (regions[4 * region + 2] * _scale - _shift - x0, regions[4 * region + 3] * _scale - _shift - y0);
        if (_shift == 0) (width, height) = (Math.Max(width, 1), Math.Max(height, 1));
        (width, height) = (width / cells[3], height / cells[2]);
        return (y0 + row * height, height, RoiAlign.Points(height, _ratio, input[2]), x0 + column * width, width, RoiAlign.Points(width, _ratio, input[3]), (item * input[1] + channel) * input[2]);
    }
}
