using VkNet.Graphs;

namespace VkNet.Operators.Losses;

/// <summary>Connectionist temporal classification in double precision.</summary>
internal sealed class HostCtc
{
    private readonly double[] _logs;
    private readonly long[] _labels;
    private readonly long[]? _stepCounts;
    private readonly long[]? _labelCounts;
    private readonly long _steps, _classes, _mostLabels, _blank;

    private HostCtc(HostContext context, int logits)
    {
        var shape = context.ShapeOf(logits);
        (_steps, Batch, _classes, _mostLabels, _blank) = (shape[0], shape[1], shape[2], context.ShapeOf(logits + 1)[1], context.Get(CtcLoss.Blank));
        (_logs, _labels) = (context.Reals(logits), context.Integers(logits + 1));
        _stepCounts = context.Has(logits + 2) ? context.Integers(logits + 2) : null;
        _labelCounts = context.Has(logits + 3) ? context.Integers(logits + 3) : null;
        var rows = AxisRows.Of(shape, -1);
        for (var row = 0L; row < rows.Count; row++)
        {
            var (largest, total) = HostClasses.LogSum(_logs, rows, row);
            for (var c = 0L; c < _classes; c++) _logs[row * _classes + c] -= largest + Math.Log(total);
        }
    }

    /// <summary>Entries of the batch.</summary>
    public long Batch { get; }

    /// <summary>Reads a node's inputs from the logits on.</summary>
    public static HostCtc Of(HostContext context, int logits) => new(context, logits);

    /// <summary>Steps of an entry.</summary>
    public long StepCount(long entry) => _stepCounts is null ? _steps : Math.Clamp(_stepCounts[entry], 0, _steps);

    /// <summary>Labels of an entry.</summary>
    public long LabelCount(long entry) => _labelCounts is null ? _mostLabels : Math.Clamp(_labelCounts[entry], 0, _mostLabels);

    /// <summary>The log-probability of a class at a step.</summary>
    public double Log(long step, long entry, long label) => _logs[(step * Batch + entry) * _classes + label];

    /// <summary>The class of a state: labels at odd numbers, blanks at even ones.</summary>
    public long Label(long entry, long state) => state % 2 == 0 ? _blank : Math.Clamp(_labels[entry * _mostLabels + state / 2], 0, _classes - 1);

    /// <summary>Logarithms of the probabilities of the ways to every state at every step.</summary>
    public double[,] Forward(long entry) => Walk(entry, backward: false);

    /// <summary>Logarithms of the probabilities of the ways from every state at every step to the end.</summary>
    public double[,] Backward(long entry) => Walk(entry, backward: true);

    /// <summary>The loss of an entry from its forward ways.</summary>
    public double Loss(long entry, double[,] forward)
    {
        var (steps, labels) = (StepCount(entry), LabelCount(entry));
        if (steps == 0) return labels == 0 ? 0 : double.PositiveInfinity;
        return -LogSum(forward[steps - 1, 2 * labels], labels > 0 ? forward[steps - 1, 2 * labels - 1] : double.NegativeInfinity);
    }

    private static double LogSum(params ReadOnlySpan<double> values)
    {
        var largest = double.NegativeInfinity;
        foreach (var value in values) largest = Math.Max(largest, value);
        if (double.IsNegativeInfinity(largest)) return largest;
        var sum = 0.0;
        foreach (var value in values) sum += Math.Exp(value - largest);
        return largest + Math.Log(sum);
    }

    private double[,] Walk(long entry, bool backward)
    {
        var (steps, states, back) = (StepCount(entry), 2 * LabelCount(entry) + 1, backward ? 1 : -1);
        var ways = new double[steps, states];
        for (var n = 0L; n < steps; n++)
        {
            var t = backward ? steps - 1 - n : n;
            for (var s = 0L; s < states; s++)
            {
                var label = Label(entry, s);
                double before;
                if (n == 0) before = (backward ? states - 1 - s : s) <= 1 ? 0 : double.NegativeInfinity;
                else
                {
                    var maySkip = s + 2 * back >= 0 && s + 2 * back < states && label != _blank && Label(entry, s + 2 * back) is var other && other != _blank && other != label;
                    before = LogSum(At(t + back, s), At(t + back, s + back), maySkip ? At(t + back, s + 2 * back) : double.NegativeInfinity);
                }
                ways[t, s] = before + Log(t, entry, label);
            }
        }
        return ways;

        double At(long t, long s) => s < 0 || s >= states ? double.NegativeInfinity : ways[t, s];
    }
}
