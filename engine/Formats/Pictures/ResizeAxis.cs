namespace VkNet.Formats;

/// <summary>
/// The weights that bilinear resizing gives to the samples along one axis. When the picture shrinks, the triangle is
/// widened by the same factor, so that every source sample counts (antialiasing).
/// </summary>
internal sealed class ResizeAxis
{
    private readonly float[] _weights;

    /// <summary>Makes the weights from <paramref name="source"/> samples to <paramref name="target"/>.</summary>
    public ResizeAxis(int source, int target)
    {
        var scale = (double)source / target;
        var support = Math.Max(1, scale);
        Window = Math.Min(source, (int)Math.Ceiling(2 * support) + 1);
        Starts = new int[target];
        Counts = new int[target];
        _weights = new float[checked(target * Window)];
        for (var i = 0; i < target; i++)
        {
            var centre = (i + 0.5) * scale;
            var start = Math.Max(0, (int)(centre - support + 0.5));
            var count = Math.Min(Math.Min(source, (int)(centre + support + 0.5)) - start, Window);
            var weights = _weights.AsSpan(i * Window, count);
            double sum = 0;
            for (var k = 0; k < count; k++) sum += Triangle((start + k + 0.5 - centre) / support);
            for (var k = 0; k < count; k++) weights[k] = (float)(Triangle((start + k + 0.5 - centre) / support) / sum);
            Starts[i] = start;
            Counts[i] = count;
        }
    }

    /// <summary>Most source samples that one target sample is made of.</summary>
    public int Window { get; }

    /// <summary>First source sample of each target sample.</summary>
    public int[] Starts { get; }

    /// <summary>Number of source samples of each target sample.</summary>
    public int[] Counts { get; }

    /// <summary>The weights of one target sample; their sum is 1.</summary>
    public ReadOnlySpan<float> Weights(int target) => _weights.AsSpan(target * Window, Counts[target]);

    private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));
}
