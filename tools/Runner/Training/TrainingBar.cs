using System.Diagnostics;
using System.Globalization;
using VkNet.Training;

namespace VkNet.Runner.Training;

/// <summary>Shows how a training proceeds: on a terminal a bar that is drawn over itself, elsewhere a line for every epoch.</summary>
internal sealed class TrainingBar(TextWriter error, IReadOnlyList<string> metrics)
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly bool _isTerminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private long _drawn;
    private int _width;

    internal void Show(in TrainingProgress progress)
    {
        if (!_isTerminal || (_drawn != 0 && Stopwatch.GetElapsedTime(_drawn) < Interval)) return;
        _drawn = Stopwatch.GetTimestamp();
        var share = (double)progress.Iteration / Math.Max(1, progress.Iterations);
        var filled = (int)(share * BarWidth);
        var left = progress.SamplesPerSecond > 0 ? progress.Elapsed * ((progress.Iterations - progress.Iteration) * (double)progress.Samples / Math.Max(1, progress.Iteration) / Math.Max(1, progress.Samples)) : TimeSpan.Zero;
        var text = string.Create(CultureInfo.InvariantCulture, $"epoch {progress.Epoch} [{new string('=', filled)}{new string(' ', BarWidth - filled)}] {100 * share:0}%  loss {progress.Loss:0.0000}{Figures(progress.Metrics.Span)}  {progress.SamplesPerSecond:N0} samples/s  {left:hh\\:mm\\:ss} left");
        error.Write('\r' + text.PadRight(_width));
        _width = text.Length;
    }

    internal void Line(string text)
    {
        if (_width > 0) error.Write('\r' + new string(' ', _width) + '\r');
        _width = 0;
        error.WriteLine(text);
    }

    private string Figures(ReadOnlySpan<double> values)
    {
        var text = "";
        for (var i = 0; i < values.Length; i++) text += string.Create(CultureInfo.InvariantCulture, $"  {metrics[i]} {values[i]:0.0000}");
        return text;
    }
}
