using VkNet.Devices;

namespace VkNet.Execution;

/// <summary>Moves bytes between host and device memory, directly where it is mapped and through a staging buffer where it is not.</summary>
internal static class BufferTransfer
{
    internal delegate void SpanWriter(Span<byte> destination);

    internal delegate void SpanReader(ReadOnlySpan<byte> source);

    /// <summary>Fills a range from the host and waits.</summary>
    internal static void Upload(ComputeDevice device, BufferRange target, SpanWriter write)
    {
        if (target.Buffer.IsMapped)
        {
            write(target.Buffer.Bytes(target.Offset, target.Size));
            target.Buffer.Flush(target.Offset, target.Size);
            return;
        }
        using var staging = device.AllocateBuffer(target.Size, BufferPurpose.Upload, "upload of " + target.DisplayName);
        write(staging.Bytes(0, target.Size));
        staging.Flush(0, target.Size);
        Transfer(device, new BufferRange(staging, 0, target.Size), target);
    }

    /// <summary>Reads a range on the host.</summary>
    internal static void Download(ComputeDevice device, BufferRange source, SpanReader read)
    {
        if (source.Buffer.IsMapped)
        {
            source.Buffer.Invalidate(source.Offset, source.Size);
            read(source.Buffer.Bytes(source.Offset, source.Size));
            return;
        }
        using var staging = device.AllocateBuffer(source.Size, BufferPurpose.Readback, "download of " + source.DisplayName);
        Transfer(device, source, new BufferRange(staging, 0, source.Size));
        staging.Invalidate(0, source.Size);
        read(staging.Bytes(0, source.Size));
    }

    private static void Transfer(ComputeDevice device, BufferRange source, BufferRange target)
    {
        using var recorder = device.BeginRecording("transfer", 0);
        recorder.Barrier(BarrierScope.Device);
        recorder.Copy(source, target);
        recorder.Barrier(BarrierScope.ToHost);
        using var recording = recorder.End();
        device.Wait(device.Submit([recording]));
    }
}
