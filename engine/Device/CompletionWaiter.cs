namespace VkNet.Devices;

/// <summary>Completes tasks when submissions do, from one background thread that starts with the first task.</summary>
internal sealed class CompletionWaiter(NativeDevice device, SubmissionQueue queue)
{
    private const ulong SliceNanoseconds = 100_000_000;

    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, ulong> _pending = new();
    private readonly SemaphoreSlim _work = new(0);
    private Thread? _thread;
    private bool _stopping;

    /// <summary>A task for a submission. It keeps the device alive until it completes.</summary>
    public Task Add(ulong value)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        device.Acquire();
        lock (_gate)
        {
            _pending.Enqueue(source, value);
            _thread ??= Start();
        }
        _work.Release();
        return source.Task;
    }

    /// <summary>Ends the thread; no task is pending then, since each keeps the device alive.</summary>
    public void Stop()
    {
        Thread? thread;
        lock (_gate)
        {
            _stopping = true;
            thread = _thread;
        }
        if (thread is null) return;
        _work.Release();
        // The last lease may be given back on this very thread, which then ends by itself.
        if (thread != Thread.CurrentThread) thread.Join();
    }

    private Thread Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "VkNet completion" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        while (true)
        {
            _work.Wait();
            TaskCompletionSource? source;
            ulong value;
            lock (_gate)
            {
                if (_stopping) return;
                if (!_pending.TryPeek(out source, out value)) continue;
            }
            var result = device.IsLost ? Result.ErrorDeviceLost : queue.WaitSlice(value, SliceNanoseconds);
            if (result == Result.Timeout)
            {
                // An earlier submission may have been added meanwhile; look again.
                _work.Release();
                continue;
            }
            lock (_gate)
            {
                if (!_pending.Remove(source, out _, out _)) continue;
            }
            try
            {
                device.Check(result, "waiting for work");
                source.SetResult();
            }
            catch (VkNetException e)
            {
                source.SetException(e);
            }
            device.Release();
        }
    }
}
