using System.Runtime.InteropServices;
using VkNet.Formats;

namespace VkNet.Runner;

/// <summary>
/// Ends the process when a command that was interrupted has not ended by itself soon afterwards: it may be in the middle of a long compilation
/// or a long run of the device. What it has begun to write is deleted.
/// </summary>
internal sealed partial class PromptEnd : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenRegistration _registration;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private bool _over;

    /// <summary>Begins to watch.</summary>
    /// <param name="error">Where it is said.</param>
    /// <param name="cancellation">The interruption.</param>
    internal PromptEnd(TextWriter error, CancellationToken cancellation)
    {
        _timer = new Timer(_ => End(error));
        _registration = cancellation.Register(() => _timer.Change(Patience, Timeout.InfiniteTimeSpan));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) _over = true;
        _registration.Dispose();
        _timer.Dispose();
    }

    private void End(TextWriter error)
    {
        lock (_lock)
        {
            if (_over) return;
            TemporaryFiles.DeleteAll();
            error.WriteLine();
            error.WriteLine("cancelled");
            error.Flush();
            // The drivers' threads are still at work: nothing of theirs may be torn down.
            if (OperatingSystem.IsWindows()) Environment.Exit(CommandLine.Cancelled);
            else ExitNow(CommandLine.Cancelled);
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
