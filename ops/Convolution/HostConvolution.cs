namespace VkNet.Operators.Convolution;

/// <summary>
/// The three products of a convolution on the host, in double, over three spatial axes: forward, data gradient and weight gradient.
/// </summary>
internal sealed class HostConvolution
{
    private readonly SpatialWindow _window;
    private readonly long[] _input;
    private readonly long[] _output;
    private readonly int _batch;
    private readonly int _groups;
    private readonly int _channelsPerGroup;
    private readonly int _filtersPerGroup;
    private readonly int _inputPlane;
    private readonly int _outputPlane;
    private readonly int _taps;

    /// <summary>Describes a convolution from an input of <paramref name="channels"/> to an output of <paramref name="filters"/> channels.</summary>
    public HostConvolution(SpatialWindow window, long batch, long channels, long[] inputSizes, long filters, long[] outputSizes, long groups)
    {
        _window = window.ToThreeAxes();
        (_input, _output, _batch, _groups) = (inputSizes, outputSizes, (int)batch, (int)groups);
        _channelsPerGroup = (int)(channels / groups);
        _filtersPerGroup = (int)(filters / groups);
        _inputPlane = (int)(inputSizes[0] * inputSizes[1] * inputSizes[2]);
        _outputPlane = (int)(outputSizes[0] * outputSizes[1] * outputSizes[2]);
        _taps = (int)window.Taps;
    }

    private int Channels => _groups * _channelsPerGroup;

    private int Filters => _groups * _filtersPerGroup;

    private delegate void RowVisitor(int inputStart, int inputStep, int outputStart, int count);

    /// <summary>y = x * w + b.</summary>
    public double[] Forward(double[] input, double[] weight, double[]? bias)
    {
        var result = new double[_batch * Filters * _outputPlane];
        Parallel.For(0, _batch * Filters, image =>
        {
            var filter = image % Filters;
            var plane = result.AsMemory(image * _outputPlane, _outputPlane);
            if (bias is not null) plane.Span.Fill(bias[filter]);
            for (var c = 0; c < _channelsPerGroup; c++)
            {
                var from = ((image / Filters * Channels) + (filter / _filtersPerGroup * _channelsPerGroup) + c) * _inputPlane;
                for (var tap = 0; tap < _taps; tap++)
                {
                    var factor = weight[(filter * _channelsPerGroup + c) * _taps + tap];
                    ForEachRow(tap, (start, step, to, count) =>
                    {
                        var target = plane.Span.Slice(to, count);
                        for (var i = 0; i < count; i++) target[i] += factor * input[from + start + i * step];
                    });
                }
            }
        });
        return result;
    }

    /// <summary>The adjoint of <see cref="Forward"/> in its input: spreads an output-shaped tensor over the input's shape.</summary>
    public double[] Backward(double[] output, double[] weight, double[]? bias = null)
    {
        var result = new double[_batch * Channels * _inputPlane];
        Parallel.For(0, _batch * Channels, image =>
        {
            var channel = image % Channels;
            var (group, c) = (channel / _channelsPerGroup, channel % _channelsPerGroup);
            var plane = result.AsMemory(image * _inputPlane, _inputPlane);
            if (bias is not null) plane.Span.Fill(bias[channel]);
            for (var f = group * _filtersPerGroup; f < (group + 1) * _filtersPerGroup; f++)
            {
                var from = (image / Channels * Filters + f) * _outputPlane;
                for (var tap = 0; tap < _taps; tap++)
                {
                    var factor = weight[(f * _channelsPerGroup + c) * _taps + tap];
                    ForEachRow(tap, (start, step, to, count) =>
                    {
                        var target = plane.Span;
                        for (var i = 0; i < count; i++) target[start + i * step] += factor * output[from + to + i];
                    });
                }
            }
        });
        return result;
    }

    /// <summary>The adjoint of <see cref="Forward"/> in its weight.</summary>
    public double[] Weight(double[] input, double[] output)
    {
        var result = new double[Filters * _channelsPerGroup * _taps];
        Parallel.For(0, Filters * _channelsPerGroup, pair =>
        {
            var (filter, c) = (pair / _channelsPerGroup, pair % _channelsPerGroup);
            var channel = filter / _filtersPerGroup * _channelsPerGroup + c;
            for (var tap = 0; tap < _taps; tap++)
            {
                double sum = 0;
                for (var n = 0; n < _batch; n++)
                {
                    var (x, y) = ((n * Channels + channel) * _inputPlane, (n * Filters + filter) * _outputPlane);
                    ForEachRow(tap, (start, step, to, count) =>
                    {
                        for (var i = 0; i < count; i++) sum += input[x + start + i * step] * output[y + to + i];
                    });
                }
                result[pair * _taps + tap] = sum;
            }
        });
        return result;
    }

    // Visits the output elements whose tap falls inside the input, row by row.
    private void ForEachRow(int tap, RowVisitor visit)
    {
        var (kernel, w) = (_window.Kernel, _window);
        long[] k = [tap / (kernel[1] * kernel[2]), tap / kernel[2] % kernel[1], tap % kernel[2]];
        var (depth, height, width) = (Range(0, k[0]), Range(1, k[1]), Range(2, k[2]));
        if (width.End <= width.Begin) return;
        for (var d = depth.Begin; d < depth.End; d++)
        for (var h = height.Begin; h < height.End; h++)
        {
            var row = (Position(0, d, k[0]) * _input[1] + Position(1, h, k[1])) * _input[2];
            visit((int)(row + Position(2, width.Begin, k[2])), (int)w.Stride[2], (int)((d * _output[1] + h) * _output[2] + width.Begin), (int)(width.End - width.Begin));
        }
    }

    private long Position(int axis, long output, long k) => output * _window.Stride[axis] - _window.PadBegin[axis] + k * _window.Dilation[axis];

    // The outputs whose tap k lies inside the input.
    private (long Begin, long End) Range(int axis, long k)
    {
        var (shift, stride) = (k * _window.Dilation[axis] - _window.PadBegin[axis], _window.Stride[axis]);
        var begin = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
        var end = _input[axis] - shift <= 0 ? 0 : (_input[axis] - shift - 1) / stride + 1;
        return (begin, Math.Min(end, _output[axis]));
    }
}
