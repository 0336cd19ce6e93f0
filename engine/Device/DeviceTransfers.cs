namespace VkNet.Devices;

/// <summary>Moves bytes between the host and buffers that it may not be able to reach, and waits for them.</summary>
internal static class DeviceTransfers
{
    // Large enough that the copy, not the waiting, takes the time; small enough to be no burden beside the weights.
    private const int StagingBytes = 32 << 20;

    /// <summary>Writes bytes into a buffer.</summary>
    public static void Write(ComputeDevice device, DeviceBuffer buffer, long offset, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        if (buffer.IsMapped)
        {
            data.CopyTo(buffer.Bytes(offset, data.Length));
            buffer.Flush(offset, data.Length);
            return;
        }
        using var staging = device.AllocateBuffer(Math.Min(data.Length, StagingBytes), BufferPurpose.Upload, "upload staging");
        for (var start = 0; start < data.Length; start += StagingBytes)
        {
            var count = Math.Min(StagingBytes, data.Length - start);
            data.Slice(start, count).CopyTo(staging.Bytes(0, count));
            staging.Flush(0, count);
            Copy(device, new BufferRange(staging, 0, count), new BufferRange(buffer, offset + start, count));
        }
    }

    /// <summary>Reads bytes of a buffer.</summary>
    public static void Read(ComputeDevice device, DeviceBuffer buffer, long offset, Span<byte> data)
    {
        if (data.IsEmpty) return;
        if (buffer.IsMapped)
        {
            buffer.Invalidate(offset, data.Length);
            buffer.Bytes(offset, data.Length).CopyTo(data);
            return;
        }
        using var staging = device.AllocateBuffer(Math.Min(data.Length, StagingBytes), BufferPurpose.Readback, "readback staging");
        for (var start = 0; start < data.Length; start += StagingBytes)
        {
            var count = Math.Min(StagingBytes, data.Length - start);
            Copy(device, new BufferRange(buffer, offset + start, count), new BufferRange(staging, 0, count));
            staging.Invalidate(0, count);
            staging.Bytes(0, count).CopyTo(data.Slice(start, count));
        }
    }

    private static void Copy(ComputeDevice device, BufferRange source, BufferRange destination)
    {
        using var recorder = device.BeginRecording("transfer");
        recorder.Barrier(BarrierScope.ComputeToTransfer | BarrierScope.TransferToTransfer);
        recorder.Copy(source, destination);
        recorder.Barrier(BarrierScope.TransferToCompute | BarrierScope.TransferToTransfer | BarrierScope.ToHost);
        using var recording = recorder.End();
        device.Wait(device.Submit(recording));
    }
}
