namespace VkNet.Runner.Reports;

/// <summary>One line on a terminal that tells how far a long command is; nothing when the output is no terminal.</summary>
internal sealed class ProgressLine(TextWriter output, int total) : IDisposable
{
    private readonly bool _isTerminal = ReferenceEquals(output, Console.Error) && !Console.IsErrorRedirected;
    private int _done;
    private int _width;

    /// <summary>Says what is done next.</summary>
    internal void Next(string what)
    {
        _done++;
        if (!_isTerminal) return;
        var line = $"{_done}/{total} {what}";
        output.Write($"\r{line.PadRight(_width)}");
        _width = line.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_width > 0) output.Write($"\r{new string(' ', _width)}\r");
    }
}
