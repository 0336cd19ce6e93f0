namespace VkNet.Devices;

/// <summary>
/// An object with native parts that others may still need after its owner has disposed it. The owner holds the first
/// lease; whoever depends on it holds another; the native parts go when the last lease does, so objects may be disposed
/// in any order. There is no finalizer: what is never disposed lives as long as the process.
/// </summary>
internal abstract class Leased : IDisposable
{
    private int _leases = 1;
    private int _disposed;

    /// <summary>Whether the owner has disposed it.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Gives up the owner's lease. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) Release();
    }

    /// <summary>Takes a lease.</summary>
    /// <exception cref="ObjectDisposedException">The native parts are gone, or about to go.</exception>
    public void Acquire()
    {
        var leases = Volatile.Read(ref _leases);
        while (true)
        {
            ObjectDisposedException.ThrowIf(leases == 0, this);
            var seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases) return;
            leases = seen;
        }
    }

    /// <summary>Gives a lease back; the last one destroys the native parts.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _leases) == 0) Destroy();
    }

    /// <summary>Throws when the owner has disposed the object, even while others still hold leases.</summary>
    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <summary>Destroys the native parts; called once.</summary>
    protected abstract void Destroy();
}
