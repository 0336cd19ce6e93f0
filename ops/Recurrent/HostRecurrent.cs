using VkNet.Graphs;

namespace VkNet.Operators.Recurrent;

/// <summary>Recurrent layers on the host, in double: one step forward and one step backward of one sequence in one direction.</summary>
internal sealed class HostRecurrent
{
    private readonly RecurrentKind _kind;
    private readonly GateActivation _f, _g, _h;
    private readonly bool _resetAfter, _inputForget;
    private readonly double _clip;
    private readonly int[] _order;
    private readonly int _units;

    internal HostRecurrent(RecurrentKind kind, AttributeSet attributes, long units)
    {
        (_kind, _units) = (kind, (int)units);
        var activations = RecurrentAttributes.ActivationsOf(kind, attributes);
        (_f, _g, _h) = (activations[0], activations.ElementAtOrDefault(1), activations.ElementAtOrDefault(2));
        (_resetAfter, _inputForget) = (attributes.Get(RecurrentAttributes.ResetAfter), attributes.Get(RecurrentAttributes.InputForget));
        _clip = attributes.Get(RecurrentAttributes.Clip) is > 0 and var clip ? clip : double.PositiveInfinity;
        _order = kind == RecurrentKind.Lstm ? RecurrentAttributes.GatesInOrder(attributes) : [0, 1, 2, 3];
    }

    /// <summary>One step forward.</summary>
    /// <param name="x">[G, H]: what enters the gates from the inputs.</param>
    /// <param name="recurrent">[G, H, H]: the weights.</param>
    /// <param name="peephole">[3, H], or empty.</param>
    /// <param name="resetBias">[H], or empty.</param>
    /// <param name="h">The state; replaced by the next.</param>
    /// <param name="c">The cell state of an lstm; replaced by the next.</param>
    /// <param name="saved">[S, H]: what the gradient needs.</param>
    internal void Forward(ReadOnlySpan<double> x, ReadOnlySpan<double> recurrent, ReadOnlySpan<double> peephole, ReadOnlySpan<double> resetBias, Span<double> h, Span<double> c, Span<double> saved)
    {
        var n = _units;
        var before = h.ToArray();
        switch (_kind)
        {
            case RecurrentKind.Rnn:
                for (var j = 0; j < n; j++) saved[j] = h[j] = Activate(_f, x[j] + Dot(recurrent, j, before));
                break;
            case RecurrentKind.Lstm:
                var (i, o, f, g) = (_order[0] * n, _order[1] * n, _order[2] * n, _order[3] * n);
                for (var j = 0; j < n; j++)
                {
                    var hole = peephole.Length == 0 ? default : (I: peephole[j], O: peephole[n + j], F: peephole[2 * n + j]);
                    saved[i + j] = Activate(_f, x[i + j] + Dot(recurrent, i + j, before) + hole.I * c[j]);
                    saved[f + j] = _inputForget ? 1 - saved[i + j] : Activate(_f, x[f + j] + Dot(recurrent, f + j, before) + hole.F * c[j]);
                    saved[g + j] = Activate(_g, x[g + j] + Dot(recurrent, g + j, before));
                    c[j] = saved[f + j] * c[j] + saved[i + j] * saved[g + j];
                    saved[o + j] = Activate(_f, x[o + j] + Dot(recurrent, o + j, before) + hole.O * c[j]);
                    h[j] = saved[o + j] * _h.Apply(c[j]);
                }
                break;
            default:
                for (var j = 0; j < n; j++)
                {
                    saved[j] = Activate(_f, x[j] + Dot(recurrent, j, before));
                    saved[n + j] = Activate(_f, x[n + j] + Dot(recurrent, n + j, before));
                    saved[3 * n + j] = _resetAfter ? Dot(recurrent, 2 * n + j, before) + (resetBias.Length == 0 ? 0 : resetBias[j]) : saved[n + j] * before[j];
                }
                for (var j = 0; j < n; j++)
                {
                    var inner = _resetAfter ? saved[n + j] * saved[3 * n + j] : Dot(recurrent, 2 * n + j, saved.Slice(3 * n, n));
                    saved[2 * n + j] = Activate(_g, x[2 * n + j] + inner);
                    h[j] = (1 - saved[j]) * saved[2 * n + j] + saved[j] * before[j];
                }
                break;
        }
    }

    /// <summary>One step backward.</summary>
    /// <param name="saved">What <see cref="Forward"/> saved in the step.</param>
    /// <param name="recurrent">[G, H, H]: the weights.</param>
    /// <param name="peephole">[3, H], or empty.</param>
    /// <param name="before">The state before the step.</param>
    /// <param name="c">The cell state after it.</param>
    /// <param name="cBefore">The cell state before it.</param>
    /// <param name="dh">The gradient of the state after the step; replaced by that before it.</param>
    /// <param name="dc">The gradient of the cell state after the step; replaced by that before it.</param>
    /// <param name="dx">[G, H]: takes the gradient of what enters the gates from the inputs.</param>
    internal void Backward(ReadOnlySpan<double> saved, ReadOnlySpan<double> recurrent, ReadOnlySpan<double> peephole, ReadOnlySpan<double> before, ReadOnlySpan<double> c, ReadOnlySpan<double> cBefore, Span<double> dh, Span<double> dc, Span<double> dx)
    {
        var n = _units;
        var left = new double[dx.Length];
        var direct = new double[n];
        for (var j = 0; j < n; j++)
        {
            switch (_kind)
            {
                case RecurrentKind.Rnn:
                    left[j] = dx[j] = dh[j] * _f.Slope(saved[j]);
                    break;
                case RecurrentKind.Lstm:
                    var (i, o, f, g) = (_order[0] * n + j, _order[1] * n + j, _order[2] * n + j, _order[3] * n + j);
                    var hole = peephole.Length == 0 ? default : (I: peephole[j], O: peephole[n + j], F: peephole[2 * n + j]);
                    var seen = _h.Apply(c[j]);
                    dx[o] = dh[j] * seen * _f.Slope(saved[o]);
                    var cell = dc[j] + dh[j] * saved[o] * _h.Slope(seen) + hole.O * dx[o];
                    dx[f] = _inputForget ? 0 : cell * cBefore[j] * _f.Slope(saved[f]);
                    dx[i] = cell * (_inputForget ? saved[g] - cBefore[j] : saved[g]) * _f.Slope(saved[i]);
                    dx[g] = cell * saved[i] * _g.Slope(saved[g]);
                    dc[j] = cell * saved[f] + hole.I * dx[i] + hole.F * dx[f];
                    break;
                default:
                    direct[j] = dh[j] * saved[j];
                    dx[j] = dh[j] * (before[j] - saved[2 * n + j]) * _f.Slope(saved[j]);
                    dx[2 * n + j] = dh[j] * (1 - saved[j]) * _g.Slope(saved[2 * n + j]);
                    if (_resetAfter) dx[n + j] = dx[2 * n + j] * saved[3 * n + j] * _f.Slope(saved[n + j]);
                    break;
            }
        }
        dx.CopyTo(left);
        if (_kind == RecurrentKind.Gru)
        {
            for (var j = 0; j < n; j++)
            {
                if (_resetAfter) left[2 * n + j] *= saved[n + j];
                else
                {
                    var reset = 0.0;
                    for (var k = 0; k < n; k++) reset += dx[2 * n + k] * recurrent[(2 * n + k) * n + j];
                    left[n + j] = dx[n + j] = reset * before[j] * _f.Slope(saved[n + j]);
                    direct[j] += reset * saved[n + j];
                }
            }
            if (!_resetAfter) Array.Clear(left, 2 * n, n);
        }
        for (var j = 0; j < n; j++)
        {
            dh[j] = direct[j];
            for (var k = 0; k < left.Length; k++) dh[j] += left[k] * recurrent[k * n + j];
        }
    }

    private double Activate(GateActivation activation, double x) => activation.Apply(double.IsNaN(x) ? x : Math.Clamp(x, -_clip, _clip));

    private double Dot(ReadOnlySpan<double> weights, int row, ReadOnlySpan<double> state)
    {
        var sum = 0.0;
        var line = weights.Slice(row * _units, _units);
        for (var k = 0; k < line.Length; k++) sum += line[k] * state[k];
        return sum;
    }
}
