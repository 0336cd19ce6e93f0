namespace VkNet.Devices;

/// <summary>
/// Recorded commands, replayed by submitting them; never changed afterwards. Disposing it waits for its last run.
/// It keeps its buffers and its device alive.
/// </summary>
internal sealed unsafe class CommandRecording : Leased
{
    private readonly NativeDevice _device;
    private readonly HashSet<DeviceBuffer> _buffers = [];
    private readonly CommandPool _pool;
    private ulong _lastSubmission;

    internal CommandRecording(NativeDevice device, string label, int timestamps)
    {
        device.Acquire();
        _device = device;
        Label = label;
        TimestampCount = timestamps;
        Descriptors = new DescriptorArena(device);
        try
        {
            var poolInfo = new CommandPoolCreateInfo { SType = StructureType.CommandPoolCreateInfo, QueueFamilyIndex = device.QueueFamily };
            CommandPool pool = default;
            device.Check(device.MayMake() ? device.Api.CreateCommandPool(device.Handle, &poolInfo, null, &pool) : Result.ErrorOutOfHostMemory, $"creating the recording '{label}'");
            _pool = pool;
            var info = new CommandBufferAllocateInfo { SType = StructureType.CommandBufferAllocateInfo, CommandPool = pool, Level = CommandBufferLevel.Primary, CommandBufferCount = 1 };
            CommandBuffer commands = default;
            device.Check(device.MayMake() ? device.Api.AllocateCommandBuffers(device.Handle, &info, &commands) : Result.ErrorOutOfHostMemory, $"creating the recording '{label}'");
            Commands = commands;
            device.SetName(ObjectType.CommandBuffer, (ulong)commands.Handle, label);
            if (timestamps > 0)
            {
                var queryInfo = new QueryPoolCreateInfo { SType = StructureType.QueryPoolCreateInfo, QueryType = QueryType.Timestamp, QueryCount = (uint)timestamps };
                QueryPool queries = default;
                device.Check(device.MayMake() ? device.Api.CreateQueryPool(device.Handle, &queryInfo, null, &queries) : Result.ErrorOutOfHostMemory, $"creating the timestamps of '{label}'");
                Queries = queries;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its name in diagnostics and debuggers.</summary>
    public string Label { get; }

    /// <summary>Timestamps it has room for; 0 also where the device has none.</summary>
    public int TimestampCount { get; }

    /// <summary>The Vulkan command buffer.</summary>
    internal CommandBuffer Commands { get; }

    /// <summary>The timestamps.</summary>
    internal QueryPool Queries { get; }

    /// <summary>The descriptor sets of its dispatches.</summary>
    internal DescriptorArena Descriptors { get; }

    /// <summary>The device it was recorded for.</summary>
    internal NativeDevice Device => _device;

    /// <summary>The value that the timeline reaches when its last submission completes; 0 before the first.</summary>
    internal ulong LastSubmission
    {
        get => Volatile.Read(ref _lastSubmission);
        set => Volatile.Write(ref _lastSubmission, value);
    }

    /// <summary>Reads the timestamps of the last run, which must have completed, without allocating.</summary>
    /// <param name="nanoseconds">Receives, per timestamp, the time since the first one; at most as many as were asked for.</param>
    /// <returns>Whether they could be read: false where the device has no timestamps or the recording never ran.</returns>
    public bool TryReadTimestamps(Span<double> nanoseconds)
    {
        ThrowIfDisposed();
        if (TimestampCount == 0 || LastSubmission == 0 || nanoseconds.Length == 0) return false;
        var count = Math.Min(TimestampCount, nanoseconds.Length);
        const int StackCount = 512;
        var ticks = count <= StackCount ? stackalloc ulong[count] : new ulong[count];
        fixed (ulong* first = ticks)
        {
            var result = _device.Api.GetQueryPoolResults(_device.Handle, Queries, 0, (uint)count, (nuint)count * sizeof(ulong), first, sizeof(ulong), QueryResultFlags.Result64Bit);
            if (result == Result.NotReady) return false;
            _device.Check(result, $"reading the timestamps of '{Label}'");
        }
        TimestampResults.Convert(ticks, nanoseconds, _device.Profile.TimestampPeriod, _device.Profile.TimestampValidBits);
        return true;
    }

    /// <summary>The timestamps of the last run, which must have completed; null where there are none.</summary>
    public TimestampResults? ReadTimestamps()
    {
        var nanoseconds = new double[TimestampCount];
        return TryReadTimestamps(nanoseconds) ? new TimestampResults(nanoseconds) : null;
    }

    /// <summary>Keeps a buffer alive as long as the recording; called while recording.</summary>
    internal void Keep(DeviceBuffer buffer)
    {
        if (_buffers.Contains(buffer)) return;
        buffer.ThrowIfDisposed();
        buffer.Acquire();
        _buffers.Add(buffer);
    }

    /// <inheritdoc/>
    protected override void Destroy()
    {
        _device.Submission.Drain(LastSubmission);
        Descriptors.Destroy();
        if (Queries.Handle != 0) _device.Api.DestroyQueryPool(_device.Handle, Queries, null);
        if (_pool.Handle != 0) _device.Api.DestroyCommandPool(_device.Handle, _pool, null);
        foreach (var buffer in _buffers) buffer.Release();
        _device.Release();
    }
}
