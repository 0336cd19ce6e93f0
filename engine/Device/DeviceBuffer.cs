using System.Diagnostics;

namespace VkNet.Devices;

/// <summary>A buffer in device memory. Thread-safe, except that what the host writes and reads is the caller's to order.</summary>
internal sealed unsafe class DeviceBuffer : Leased
{
    private readonly NativeDevice _device;
    private readonly DeviceMemory _memory;
    private readonly byte* _mapped;
    private readonly long _allocated;
    private readonly bool _coherent;
    private readonly Dictionary<(long Offset, long Size), BufferView> _views = [];

    internal DeviceBuffer(
        NativeDevice device, VkBuffer handle, DeviceMemory memory, byte* mapped, long size, long allocated, bool coherent, BufferPurpose purpose, string label)
    {
        _device = device;
        Handle = handle;
        _memory = memory;
        _mapped = mapped;
        Size = size;
        _allocated = allocated;
        _coherent = coherent;
        Purpose = purpose;
        Label = label;
    }

    /// <summary>Usable bytes: at least those asked for.</summary>
    public long Size { get; }

    /// <summary>What it is for.</summary>
    public BufferPurpose Purpose { get; }

    /// <summary>Its name in diagnostics.</summary>
    public string Label { get; }

    /// <summary>Whether the host can read and write it in place.</summary>
    public bool IsMapped => _mapped != null;

    /// <summary>The Vulkan buffer.</summary>
    internal VkBuffer Handle { get; }

    /// <summary>The device it belongs to.</summary>
    internal NativeDevice Device => _device;

    /// <summary>Some of the mapped bytes. Valid until the buffer is disposed.</summary>
    /// <exception cref="InvalidOperationException">The buffer is not mapped.</exception>
    public Span<byte> Bytes(long offset, long count)
    {
        ThrowIfDisposed();
        if (_mapped == null) throw new InvalidOperationException($"'{Label}' lies in memory that the host cannot reach");
        CheckRange(offset, count);
        return new Span<byte>(_mapped + offset, checked((int)count));
    }

    /// <summary>Some of the mapped bytes, taken as elements of a type.</summary>
    public Span<T> Elements<T>(long offset, long count)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(Bytes(offset, checked(count * sizeof(T))));

    /// <summary>Makes what the host has written visible to work submitted afterwards; does nothing where memory is coherent.</summary>
    public void Flush(long offset, long count) => Synchronize(offset, count, flush: true);

    /// <summary>Makes what completed work has written visible to the host; does nothing where memory is coherent.</summary>
    public void Invalidate(long offset, long count) => Synchronize(offset, count, flush: false);

    /// <summary>The view of four-float texels over some of the bytes; made once and kept as long as the buffer.</summary>
    internal BufferView TexelView(long offset, long size)
    {
        lock (_views)
        {
            if (_views.TryGetValue((offset, size), out var view)) return view;
            var info = new BufferViewCreateInfo
            {
                SType = StructureType.BufferViewCreateInfo,
                Buffer = Handle,
                Format = Format.R32G32B32A32Sfloat,
                Offset = (ulong)offset,
                Range = (ulong)size,
            };
            _device.Check(_device.MayMake() ? _device.Api.CreateBufferView(_device.Handle, &info, null, &view) : Result.ErrorOutOfHostMemory, $"creating a texel view of '{Label}'");
            _views.Add((offset, size), view);
            return view;
        }
    }

    /// <summary>Throws when bytes lie outside the buffer.</summary>
    internal void CheckRange(long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > Size - count)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"bytes {offset}..{offset + count} of '{Label}', which has {Size}");
        }
    }

    /// <inheritdoc/>
    protected override void Destroy()
    {
        foreach (var view in _views.Values) _device.Api.DestroyBufferView(_device.Handle, view, null);
        _device.Api.DestroyBuffer(_device.Handle, Handle, null);
        _device.Memory.Free(_memory, _allocated);
        _device.Release();
    }

    private void Synchronize(long offset, long count, bool flush)
    {
        ThrowIfDisposed();
        CheckRange(offset, count);
        if (_coherent || _mapped == null || count == 0) return;
        var atom = _device.Profile.NonCoherentAtomBytes;
        var start = offset / atom * atom;
        var end = (offset + count + atom - 1) / atom * atom;
        var range = new MappedMemoryRange
        {
            SType = StructureType.MappedMemoryRange,
            Memory = _memory,
            Offset = (ulong)start,
            Size = end >= _allocated ? Vk.WholeSize : (ulong)(end - start),
        };
        var begun = Stopwatch.GetTimestamp();
        var result = flush
            ? _device.Api.FlushMappedMemoryRanges(_device.Handle, 1, &range)
            : _device.Api.InvalidateMappedMemoryRanges(_device.Handle, 1, &range);
        DriverTime.AddSynchronizing(begun);
        _device.Check(result, $"{(flush ? "flushing" : "invalidating")} '{Label}'");
    }
}
