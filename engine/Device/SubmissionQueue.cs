using System.Diagnostics;

namespace VkNet.Devices;

/// <summary>
/// The device's queue. Submissions from any number of threads are numbered 1, 2, ... and complete in that order; a timeline
/// semaphore counts those completed. Submitting and waiting allocate nothing on the managed heap.
/// </summary>
internal sealed unsafe class SubmissionQueue
{
    private const int MostPerCall = 32;
    private const ulong NanosecondsPerMillisecond = 1_000_000;

    // A wait is cut into slices, so that loss of the device and cancellation are noticed.
    private const ulong LongSlice = 1000 * NanosecondsPerMillisecond;
    private const ulong CancellableSlice = 20 * NanosecondsPerMillisecond;

    private readonly NativeDevice _device;
    private readonly Queue _queue;
    private readonly VkSemaphore _timeline;
    private readonly CompletionWaiter _waiter;
    private readonly Lock _gate = new();
    private ulong _submitted;
    private ulong _completed;

    /// <summary>Takes over a queue.</summary>
    public SubmissionQueue(NativeDevice device, Queue queue)
    {
        _device = device;
        _queue = queue;
        var type = new SemaphoreTypeCreateInfo { SType = StructureType.SemaphoreTypeCreateInfo, SemaphoreType = SemaphoreType.Timeline };
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        VkSemaphore timeline = default;
        device.Check(device.MayMake() ? device.Api.CreateSemaphore(device.Handle, &info, null, &timeline) : Result.ErrorOutOfHostMemory, "creating the timeline semaphore");
        _timeline = timeline;
        _waiter = new CompletionWaiter(device, this);
    }

    /// <summary>The number of the last submission.</summary>
    public ulong Submitted => Volatile.Read(ref _submitted);

    /// <summary>The number of the last submission that has completed.</summary>
    public ulong Completed
    {
        get
        {
            ulong value;
            _device.Check(_device.Api.GetSemaphoreCounterValue(_device.Handle, _timeline, &value), "asking how far the device has come");
            Volatile.Write(ref _completed, value);
            return value;
        }
    }

    /// <summary>Submits recordings, to run in order after everything submitted before.</summary>
    /// <returns>The number to wait for.</returns>
    /// <exception cref="InvalidOperationException">One of them is still running.</exception>
    public ulong Submit(ReadOnlySpan<CommandRecording> recordings)
    {
        _device.ThrowIfLost();
        var held = 0;
        try
        {
            // Another thread may dispose a recording meanwhile; it stays whole until it has been submitted.
            foreach (var recording in recordings)
            {
                recording.ThrowIfDisposed();
                recording.Acquire();
                held++;
            }
            lock (_gate) return SubmitAll(recordings);
        }
        finally
        {
            foreach (var recording in recordings[..held]) recording.Release();
        }
    }

    /// <summary>Blocks until a submission has completed.</summary>
    /// <param name="value">Its number.</param>
    /// <param name="timeout">How long to wait; infinite when negative.</param>
    /// <param name="cancellation">Abandons the wait, never the work.</param>
    /// <returns>False when the time ran out.</returns>
    public bool Wait(ulong value, TimeSpan timeout, CancellationToken cancellation)
    {
        if (value > Submitted) throw new ArgumentOutOfRangeException(nameof(value), $"submission {value} was never made; the last is {Submitted}");
        if (_device.Faults?.AtWait() == true) throw _device.Lose("waiting for work");
        var endless = timeout < TimeSpan.Zero;
        var start = Environment.TickCount64;
        var slice = cancellation.CanBeCanceled ? CancellableSlice : LongSlice;
        while (true)
        {
            _device.ThrowIfLost();
            cancellation.ThrowIfCancellationRequested();
            if (Volatile.Read(ref _completed) >= value) return true;
            var left = endless ? long.MaxValue : (long)timeout.TotalMilliseconds - (Environment.TickCount64 - start);
            var result = WaitSlice(value, left <= 0 ? 0 : Math.Min(slice, left > (long)LongSlice ? LongSlice : (ulong)left * NanosecondsPerMillisecond));
            if (result == Result.Success)
            {
                Advance(value);
                return true;
            }
            if (result != Result.Timeout) _device.Check(result, "waiting for work");
            if (left <= 0) return false;
        }
    }

    /// <summary>A task that completes when a submission has.</summary>
    public Task WaitAsync(ulong value, CancellationToken cancellation)
    {
        if (value > Submitted) throw new ArgumentOutOfRangeException(nameof(value), $"submission {value} was never made; the last is {Submitted}");
        _device.ThrowIfLost();
        if (Volatile.Read(ref _completed) >= value) return Task.CompletedTask;
        return _waiter.Add(value).WaitAsync(cancellation);
    }

    /// <summary>Waits for a submission without reporting anything, before objects it uses are destroyed.</summary>
    public void Drain(ulong value)
    {
        while (value > Volatile.Read(ref _completed))
        {
            var result = WaitSlice(value, LongSlice);
            if (result == Result.Timeout) continue;
            if (result == Result.Success) Advance(value);
            return;
        }
    }

    /// <summary>One bounded wait; for the waiting thread.</summary>
    internal Result WaitSlice(ulong value, ulong nanoseconds)
    {
        var timeline = _timeline;
        var info = new SemaphoreWaitInfo { SType = StructureType.SemaphoreWaitInfo, SemaphoreCount = 1, PSemaphores = &timeline, PValues = &value };
        var start = Stopwatch.GetTimestamp();
        var result = _device.Api.WaitSemaphores(_device.Handle, &info, nanoseconds);
        DriverTime.AddWaiting(start);
        return result;
    }

    /// <summary>Stops the waiting thread and destroys the semaphore; called when the device is destroyed.</summary>
    internal void Destroy()
    {
        _waiter.Stop();
        _device.Api.DestroySemaphore(_device.Handle, _timeline, null);
    }

    private void Advance(ulong value)
    {
        var seen = Volatile.Read(ref _completed);
        while (seen < value)
        {
            var before = Interlocked.CompareExchange(ref _completed, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    private ulong SubmitAll(ReadOnlySpan<CommandRecording> recordings)
    {
        if (recordings.IsEmpty) return _submitted;
        foreach (var recording in recordings) CheckReady(recording);
        if (_device.Faults?.AtSubmit() == true) throw _device.Lose("submitting work");
        var value = _submitted + 1;
        for (var start = 0; start < recordings.Length; start += MostPerCall)
        {
            var count = Math.Min(MostPerCall, recordings.Length - start);
            try
            {
                SubmitSome(recordings.Slice(start, count), start + count == recordings.Length ? value : 0);
            }
            catch when (start > 0)
            {
                // Nothing will say when those before it have completed, so nobody could tell when they may be destroyed.
                _ = _device.Api.DeviceWaitIdle(_device.Handle);
                throw;
            }
        }
        foreach (var recording in recordings) recording.LastSubmission = value;
        Volatile.Write(ref _submitted, value);
        return value;
    }

    private void CheckReady(CommandRecording recording)
    {
        if (recording.Device != _device) throw new ArgumentException($"the recording '{recording.Label}' was made for another device");
        var last = recording.LastSubmission;
        if (last > Volatile.Read(ref _completed) && last > Completed) throw new InvalidOperationException($"the recording '{recording.Label}' is still running");
    }

    // One batch per recording: a driver may check its time limit between batches.
    private void SubmitSome(ReadOnlySpan<CommandRecording> recordings, ulong signal)
    {
        var commands = stackalloc CommandBuffer[recordings.Length];
        var batches = stackalloc SubmitInfo[recordings.Length];
        var timeline = _timeline;
        var values = new TimelineSemaphoreSubmitInfo { SType = StructureType.TimelineSemaphoreSubmitInfo, SignalSemaphoreValueCount = 1, PSignalSemaphoreValues = &signal };
        for (var i = 0; i < recordings.Length; i++)
        {
            commands[i] = recordings[i].Commands;
            batches[i] = new SubmitInfo { SType = StructureType.SubmitInfo, CommandBufferCount = 1, PCommandBuffers = &commands[i] };
        }
        if (signal != 0)
        {
            ref var last = ref batches[recordings.Length - 1];
            last.PNext = &values;
            last.SignalSemaphoreCount = 1;
            last.PSignalSemaphores = &timeline;
        }
        var start = Stopwatch.GetTimestamp();
        var result = _device.MayMake() ? _device.Api.QueueSubmit(_queue, (uint)recordings.Length, batches, default) : Result.ErrorOutOfHostMemory;
        DriverTime.AddSubmitting(start);
        _device.Check(result, "submitting work");
    }
}
