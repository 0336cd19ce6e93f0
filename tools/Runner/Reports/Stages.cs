using System.Diagnostics;

namespace VkNet.Runner.Reports;

/// <summary>What a command does, one thing after another: shown while it lasts, and kept with its times for a trace.</summary>
internal sealed class Stages(TextWriter error, CancellationToken cancellation) : IDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly ProgressLine _line = new(error);
    private readonly List<(string Name, TimeSpan Start, TimeSpan Duration)> _done = [];
    private (string Name, TimeSpan Start)? _current;

    /// <summary>The stages that are over: when each began after the first, and how long it took.</summary>
    internal IReadOnlyList<(string Name, TimeSpan Start, TimeSpan Duration)> Done => _done;

    /// <summary>Begins a stage, which ends the one before.</summary>
    /// <exception cref="OperationCanceledException">The command was interrupted.</exception>
    internal void Begin(string name)
    {
        End();
        cancellation.ThrowIfCancellationRequested();
        _current = (name, Stopwatch.GetElapsedTime(_start));
        _line.Next(name);
    }

    /// <summary>Ends the stage that is under way, and takes the line from the terminal, so that results can be written.</summary>
    internal void Finish()
    {
        End();
        _line.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Finish();

    private void End()
    {
        if (_current is not { } current) return;
        _done.Add((current.Name, current.Start, Stopwatch.GetElapsedTime(_start) - current.Start));
        _current = null;
    }
}
