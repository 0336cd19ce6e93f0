using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Makes batches ahead of the device on worker threads. Batches come out in order and are the same whatever the number of workers;
/// nothing is allocated per batch.
/// </summary>
internal sealed class BatchPipeline : IDisposable
{
    private readonly object _lock = new();
    private readonly Tensor[][] _buffers;
    private readonly long[] _ready;
    private readonly Thread[] _workers;
    private readonly long _end;
    private long _nextToMake;
    private long _nextToTake;
    private Exception? _failure;
    private bool _stopping;

    /// <param name="assemblers">One for each worker thread.</param>
    /// <param name="first">Number of the first batch.</param>
    /// <param name="end">Number after the last one.</param>
    internal BatchPipeline(IReadOnlyList<BatchAssembler> assemblers, long first, long end)
    {
        // One buffer is with the consumer, one ready behind it, and each worker fills one.
        _buffers = new Tensor[assemblers.Count + 2][];
        for (var i = 0; i < _buffers.Length; i++) _buffers[i] = assemblers[0].Allocate();
        _ready = new long[_buffers.Length];
        Array.Fill(_ready, -1);
        (_nextToMake, _nextToTake, _end) = (first, first, end);
        _workers = [.. assemblers.Select(a => new Thread(() => Work(a)) { IsBackground = true, Name = "VkNet data" })];
        foreach (var worker in _workers) worker.Start();
    }

    /// <summary>Number of workers that suits this machine.</summary>
    internal static int DefaultWorkers => Math.Clamp(Environment.ProcessorCount / 2, 1, 4);

    /// <summary>Time that the consumer has waited for batches.</summary>
    internal TimeSpan Waited { get; private set; }

    /// <summary>The next batch; its tensors hold it until the next call.</summary>
    /// <exception cref="VkNetException">Whatever a source threw.</exception>
    internal Tensor[] Take()
    {
        lock (_lock)
        {
            var slot = (int)(_nextToTake % _buffers.Length);
            // What was taken before is free now.
            if (_nextToTake > 0) _ready[(int)((_nextToTake - 1) % _buffers.Length)] = -1;
            Monitor.PulseAll(_lock);
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            while (_ready[slot] != _nextToTake && _failure is null) Monitor.Wait(_lock);
            Waited += System.Diagnostics.Stopwatch.GetElapsedTime(start);
            if (_failure is { } failure) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            _nextToTake++;
            return _buffers[slot];
        }
    }

    /// <summary>Stops the workers.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.PulseAll(_lock);
        }
        foreach (var worker in _workers) worker.Join();
    }

    private void Work(BatchAssembler assembler)
    {
        try
        {
            while (true)
            {
                long number;
                lock (_lock)
                {
                    // The buffer of the batch with the consumer is the one before the next to take.
                    while (!_stopping && _failure is null && _nextToMake < _end && _nextToMake >= _nextToTake - 1 + _buffers.Length) Monitor.Wait(_lock);
                    if (_stopping || _failure is not null || _nextToMake >= _end) return;
                    number = _nextToMake++;
                }
                var slot = (int)(number % _buffers.Length);
                assembler.Fill(number, _buffers[slot]);
                lock (_lock)
                {
                    _ready[slot] = number;
                    Monitor.PulseAll(_lock);
                }
            }
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                _failure = e;
                Monitor.PulseAll(_lock);
            }
        }
    }
}
