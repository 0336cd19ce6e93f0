using System.Diagnostics;
using System.Globalization;

namespace VkNet.Runner.Reports;

/// <summary>
/// One line on a terminal that tells what a command does and how far it is, from the first second on; nothing when the output is no
/// terminal, and nothing of a command that is over sooner.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), Interval = TimeSpan.FromMilliseconds(200);

    private readonly TextWriter _output;
    private readonly int _total;
    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Timer? _timer;
    private string _what = "";
    private int _done;
    private int _width;
    private bool _over;

    /// <summary>Begins.</summary>
    /// <param name="output">Where to draw.</param>
    /// <param name="total">How many steps there will be; 0 when that is not known.</param>
    internal ProgressLine(TextWriter output, int total = 0)
        : this(output, total, ReferenceEquals(output, Console.Error) && !Console.IsErrorRedirected)
    {
    }

    /// <summary>Begins on what is said to be a terminal or not.</summary>
    internal ProgressLine(TextWriter output, int total, bool isTerminal)
    {
        (_output, _total) = (output, total);
        if (isTerminal) _timer = new Timer(_ => Draw(), null, Patience, Interval);
    }

    /// <summary>Says what is done next.</summary>
    internal void Next(string what)
    {
        lock (_lock)
        {
            _done++;
            _what = what;
        }
    }

    /// <summary>Writes a line that stays.</summary>
    internal void Line(string text)
    {
        lock (_lock)
        {
            Clear();
            _output.WriteLine(text);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_over) return;
            _over = true;
            Clear();
        }
        _timer?.Dispose();
    }

    /// <summary>What the line shows now.</summary>
    internal string Text
    {
        get
        {
            var time = string.Create(CultureInfo.InvariantCulture, $"{(int)_clock.Elapsed.TotalMinutes}:{_clock.Elapsed.Seconds:00}");
            if (_total == 0) return $"{_what}  {time}";
            // The step that is under way has not been done yet.
            var filled = (int)(BarWidth * (Math.Max(0, _done - 1) / (double)Math.Max(_total, _done)));
            return $"[{new string('=', filled)}{new string(' ', BarWidth - filled)}] {_done}/{_total}  {_what}  {time}";
        }
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_over) return;
            var text = Text;
            // A line that wraps could not be drawn over.
            if (text.Length > 100) text = text[..97] + "...";
            _output.Write('\r' + text.PadRight(_width));
            _width = text.Length;
        }
    }

    private void Clear()
    {
        if (_width > 0) _output.Write($"\r{new string(' ', _width)}\r");
        _width = 0;
    }
}
