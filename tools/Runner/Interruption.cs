using System.Runtime.InteropServices;
using VkNet.Formats;

namespace VkNet.Runner;

/// <summary>
/// Turns the first Ctrl-C, or the first request to end, into a cancellation, so that a command can finish its step and save; the second
/// one ends the process at once, as ever.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    internal Interruption() => _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

    internal CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            TemporaryFiles.DeleteAll();
            return;
        }
        context.Cancel = true;
        _source.Cancel();
    }
}
