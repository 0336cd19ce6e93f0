using VkNet.Compilation;
using VkNet.Devices;

namespace VkNet.Execution;

/// <summary>The device buffers behind some blocks of a plan; turns planned slices into buffer ranges.</summary>
internal sealed class ArenaSet : IDisposable
{
    private readonly Dictionary<MemoryBlock, DeviceBuffer[]> _arenas = [];
    private readonly ArenaSet? _parent;
    private readonly WeightStore? _store;
    private readonly SharedConstants.Lease? _constants;

    /// <summary>Allocates the arenas of the given blocks; others are looked up in the parent.</summary>
    internal ArenaSet(ComputeDevice device, ExecutionPlan plan, ArenaSet? parent, params ReadOnlySpan<MemoryBlock> blocks)
        : this(device, plan, parent, null, blocks)
    {
    }

    /// <summary>No arenas of its own: the plan's constants lie where others use them, too.</summary>
    internal ArenaSet(SharedConstants.Lease constants) => _constants = constants;

    /// <summary>Allocates the arenas of the given blocks; carried tensors lie in the store, if there is one, and others are looked up in the parent.</summary>
    internal ArenaSet(ComputeDevice device, ExecutionPlan plan, ArenaSet? parent, WeightStore? store, params ReadOnlySpan<MemoryBlock> blocks)
    {
        _parent = parent;
        _store = store ?? parent?._store;
        _constants = parent?._constants;
        try
        {
            foreach (var block in blocks)
            {
                var purpose = block == MemoryBlock.RunBlock ? BufferPurpose.HostShared : BufferPurpose.DeviceLocal;
                var buffers = new DeviceBuffer[plan.Arenas[block].Length];
                _arenas[block] = buffers;
                for (var i = 0; i < buffers.Length; i++)
                    buffers[i] = device.AllocateBuffer(plan.Arenas[block][i], purpose, $"{plan.Name} {block} {i}");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal IReadOnlyList<DeviceBuffer> this[MemoryBlock block] => _arenas.TryGetValue(block, out var buffers) ? buffers : _parent![block];

    internal BufferRange Locate(ExecutionPlan plan, TensorSlice slice)
    {
        var place = plan.Placements[slice.Buffer];
        if (place.Block == MemoryBlock.States && _store is not null) return _store.Locate(slice);
        if (place.Block == MemoryBlock.Weights && _constants is not null) return _constants.Locate(slice);
        return new BufferRange(this[place.Block][place.Arena], place.Offset + slice.Offset, slice.Bytes, slice.Buffer.Name);
    }

    internal BufferRange Locate(ExecutionPlan plan, DeviceTensor tensor) => Locate(plan, new TensorSlice(tensor.Buffer, tensor.Offset, tensor.Bytes));

    public void Dispose()
    {
        foreach (var buffer in _arenas.Values.SelectMany(b => b)) buffer?.Dispose();
        _arenas.Clear();
    }
}
