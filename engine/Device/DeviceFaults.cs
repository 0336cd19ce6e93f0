namespace VkNet.Devices;

/// <summary>Faults that tests inject where a driver would report them. Counts start at 1; 0 never happens.</summary>
internal sealed class DeviceFaults
{
    private int _allocations;
    private int _calls;
    private int _submits;
    private int _waits;

    /// <summary>The allocation that fails as if the device had no memory left.</summary>
    public int FailAllocation { get; set; }

    /// <summary>
    /// The call that fails as if the host had no memory left, among all those that make something: buffers, memory, views, pipelines and
    /// what they are made of, descriptors, recordings, and submissions.
    /// </summary>
    public int FailCall { get; set; }

    /// <summary>Bytes that every heap of memory is taken to have; 0 for what the driver says.</summary>
    public long HeapBytes { get; set; }

    /// <summary>The submission that reports the device as lost.</summary>
    public int LoseAtSubmit { get; set; }

    /// <summary>The wait that reports the device as lost.</summary>
    public int LoseAtWait { get; set; }

    /// <summary>Allocations asked for so far.</summary>
    public int Allocations => Volatile.Read(ref _allocations);

    /// <summary>Calls that make something so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Counts a call that makes something; true when it must fail.</summary>
    public bool AtCall() => Interlocked.Increment(ref _calls) == FailCall;

    /// <summary>Counts an allocation; true when it must fail.</summary>
    public bool AtAllocation() => Interlocked.Increment(ref _allocations) == FailAllocation;

    /// <summary>Counts a submission; true when it must report loss.</summary>
    public bool AtSubmit() => Interlocked.Increment(ref _submits) == LoseAtSubmit;

    /// <summary>Counts a wait; true when it must report loss.</summary>
    public bool AtWait() => Interlocked.Increment(ref _waits) == LoseAtWait;
}
