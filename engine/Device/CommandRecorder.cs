using System.Text;
using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>
/// Records kernels, copies and barriers once, to be replayed any number of times. Every binding gets a descriptor for
/// exactly its tensor's bytes, so that the device bounds each access and synchronization validation sees each hazard.
/// Used by one thread at a time. A fault while recording leaves a recorder that can only be disposed.
/// </summary>
internal sealed unsafe class CommandRecorder : IDisposable
{
    private readonly NativeDevice _device;
    private readonly CommandRecording _recording;
    private readonly CommandBuffer _commands;
    private KernelPipeline? _bound;
    private bool _ended;

    internal CommandRecorder(NativeDevice device, string label, int timestamps)
    {
        _device = device;
        device.ThrowIfLost();
        _recording = new CommandRecording(device, label, device.Profile.Has(DeviceFeatures.Timestamps) ? timestamps : 0);
        _commands = _recording.Commands;
        try
        {
            var info = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo };
            device.Check(device.MayMake() ? device.Api.BeginCommandBuffer(_commands, &info) : Result.ErrorOutOfHostMemory, $"beginning the recording '{label}'");
            if (_recording.TimestampCount > 0) device.Api.CmdResetQueryPool(_commands, _recording.Queries, 0, (uint)_recording.TimestampCount);
        }
        catch
        {
            _recording.Dispose();
            throw;
        }
    }

    /// <summary>Dispatches recorded so far.</summary>
    public int DispatchCount { get; private set; }

    /// <summary>Barriers recorded so far.</summary>
    public int BarrierCount { get; private set; }

    /// <summary>Runs a kernel.</summary>
    /// <param name="pipeline">The kernel.</param>
    /// <param name="bindings">A range per binding, in the order of <see cref="KernelDescriptor.Bindings"/>.</param>
    /// <param name="groupsX">Workgroups along x; when any count is 0, nothing is recorded.</param>
    /// <param name="groupsY">Workgroups along y.</param>
    /// <param name="groupsZ">Workgroups along z.</param>
    /// <exception cref="VkNetException">VKN4013 or VKN4014: beyond a limit of the device.</exception>
    public void Dispatch(KernelPipeline pipeline, ReadOnlySpan<BufferRange> bindings, long groupsX, long groupsY = 1, long groupsZ = 1)
    {
        ThrowIfEnded();
        var kernel = pipeline.Kernel;
        if (pipeline.Device != _device) throw new ArgumentException($"kernel {kernel} was made for another device", nameof(pipeline));
        if (bindings.Length != kernel.Bindings.Count) throw new ArgumentException($"kernel {kernel} has {kernel.Bindings.Count} bindings, {bindings.Length} are given", nameof(bindings));
        CheckGroups(kernel, groupsX, groupsY, groupsZ);
        if (groupsX == 0 || groupsY == 0 || groupsZ == 0) return;
        Bind(pipeline, bindings);
        _device.Api.CmdDispatch(_commands, (uint)groupsX, (uint)groupsY, (uint)groupsZ);
        DispatchCount++;
    }

    /// <summary>Dispatches no workgroup, with one range in every place, so that the driver prepares the kernel and runs nothing.</summary>
    public void DispatchNothing(KernelPipeline pipeline, BufferRange anything)
    {
        ThrowIfEnded();
        var ranges = new BufferRange[pipeline.Kernel.Bindings.Count];
        Array.Fill(ranges, anything);
        Bind(pipeline, ranges);
        _device.Api.CmdDispatch(_commands, 0, 0, 0);
    }

    /// <summary>Copies bytes between two ranges of equal size; they must not overlap.</summary>
    public void Copy(BufferRange source, BufferRange destination)
    {
        ThrowIfEnded();
        Use(source);
        Use(destination);
        if (source.Size != destination.Size) throw new ArgumentException($"{source} and {destination} differ in size", nameof(destination));
        if (source.Size == 0) return;
        var region = new BufferCopy { SrcOffset = (ulong)source.Offset, DstOffset = (ulong)destination.Offset, Size = (ulong)source.Size };
        _device.Api.CmdCopyBuffer(_commands, source.Buffer.Handle, destination.Buffer.Handle, 1, &region);
    }

    /// <summary>Fills a range with a 32-bit pattern; its offset and size are multiples of 4.</summary>
    public void Fill(BufferRange destination, uint pattern)
    {
        ThrowIfEnded();
        Use(destination);
        if (destination.Offset % 4 != 0 || destination.Size % 4 != 0) throw new ArgumentException($"{destination} is no whole number of 32-bit words", nameof(destination));
        if (destination.Size == 0) return;
        _device.Api.CmdFillBuffer(_commands, destination.Buffer.Handle, (ulong)destination.Offset, (ulong)destination.Size, pattern);
    }

    /// <summary>Orders what was recorded before with what is recorded after, also across earlier and later submissions.</summary>
    public void Barrier(BarrierScope scope)
    {
        ThrowIfEnded();
        if (scope == BarrierScope.None) return;
        var (sourceStages, destinationStages, source, destination) = BarrierMasks.Of(scope);
        var barrier = new MemoryBarrier { SType = StructureType.MemoryBarrier, SrcAccessMask = source, DstAccessMask = destination };
        _device.Api.CmdPipelineBarrier(_commands, sourceStages, destinationStages, 0, 1, &barrier, 0, null, 0, null);
        BarrierCount++;
    }

    /// <summary>Notes the time at which everything recorded before has completed. Does nothing on a device without timestamps.</summary>
    public void WriteTimestamp(int index)
    {
        ThrowIfEnded();
        if (_recording.TimestampCount == 0) return;
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _recording.TimestampCount);
        _device.Api.CmdWriteTimestamp(_commands, PipelineStageFlags.BottomOfPipeBit, _recording.Queries, (uint)index);
    }

    /// <summary>Opens a named group of commands, shown by graphics debuggers.</summary>
    public void BeginLabel(string text)
    {
        ThrowIfEnded();
        if (_device.Labels is not { } debug) return;
        var bytes = Encoding.UTF8.GetBytes(text + "\0");
        fixed (byte* first = bytes)
        {
            var label = new DebugUtilsLabelEXT { SType = StructureType.DebugUtilsLabelExt, PLabelName = first };
            debug.CmdBeginDebugUtilsLabel(_commands, &label);
        }
    }

    /// <summary>Closes the group opened last.</summary>
    public void EndLabel()
    {
        ThrowIfEnded();
        _device.Labels?.CmdEndDebugUtilsLabel(_commands);
    }

    /// <summary>Ends the recording. The caller owns it; the recorder is of no further use.</summary>
    public CommandRecording End()
    {
        ThrowIfEnded();
        _device.Check(_device.MayMake() ? _device.Api.EndCommandBuffer(_commands) : Result.ErrorOutOfHostMemory, $"ending the recording '{_recording.Label}'");
        _ended = true;
        return _recording;
    }

    /// <summary>Throws away what was recorded, unless it was ended.</summary>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        _recording.Dispose();
    }

    private void ThrowIfEnded() => ObjectDisposedException.ThrowIf(_ended, this);

    private void Use(in BufferRange range)
    {
        if (range.Buffer.Device != _device) throw new ArgumentException($"'{range.DisplayName}' lies on another device");
        range.Buffer.CheckRange(range.Offset, range.Size);
        _recording.Keep(range.Buffer);
    }

    private void CheckGroups(KernelDescriptor kernel, long x, long y, long z)
    {
        var most = _device.Profile.MaxWorkgroupCount;
        CheckAxis(kernel, 'x', x, most.X);
        CheckAxis(kernel, 'y', y, most.Y);
        CheckAxis(kernel, 'z', z, most.Z);
    }

    private static void CheckAxis(KernelDescriptor kernel, char axis, long count, long limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > limit) throw DeviceErrors.TooManyGroups(kernel.ToString(), axis, count, limit);
    }

    private void Bind(KernelPipeline pipeline, ReadOnlySpan<BufferRange> bindings)
    {
        if (_bound != pipeline)
        {
            _device.Api.CmdBindPipeline(_commands, PipelineBindPoint.Compute, pipeline.Handle);
            _bound = pipeline;
        }
        if (bindings.IsEmpty) return;
        var set = Write(pipeline, bindings);
        _device.Api.CmdBindDescriptorSets(_commands, PipelineBindPoint.Compute, pipeline.Layout, 0, 1, &set, 0, null);
    }

    private DescriptorSet Write(KernelPipeline pipeline, ReadOnlySpan<BufferRange> bindings)
    {
        var kernel = pipeline.Kernel;
        var set = _recording.Descriptors.Allocate(pipeline);
        var writes = stackalloc WriteDescriptorSet[bindings.Length];
        var buffers = stackalloc DescriptorBufferInfo[bindings.Length];
        var views = stackalloc BufferView[bindings.Length];
        for (var i = 0; i < bindings.Length; i++)
        {
            var binding = kernel.Bindings[i];
            ref readonly var range = ref bindings[i];
            Use(range);
            var size = BindingRules.BoundSize(_device.Profile, kernel, binding, range);
            var texels = binding.Kind is BindingKind.StorageTexelBuffer or BindingKind.UniformTexelBuffer;
            if (texels) views[i] = range.Buffer.TexelView(range.Offset, size);
            else buffers[i] = new DescriptorBufferInfo { Buffer = range.Buffer.Handle, Offset = (ulong)range.Offset, Range = (ulong)size };
            writes[i] = new WriteDescriptorSet
            {
                SType = StructureType.WriteDescriptorSet,
                DstSet = set,
                DstBinding = (uint)binding.Slot,
                DescriptorCount = 1,
                DescriptorType = DescriptorTypes.Of(binding.Kind),
                PBufferInfo = texels ? null : &buffers[i],
                PTexelBufferView = texels ? &views[i] : null,
            };
        }
        _device.Api.UpdateDescriptorSets(_device.Handle, (uint)bindings.Length, writes, 0, null);
        return set;
    }
}
