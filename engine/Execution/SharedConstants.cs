using VkNet.Compilation;
using VkNet.Devices;

namespace VkNet.Execution;

/// <summary>
/// Constants on a device that several plans of one model share: weights are uploaded, folded and packed by the first plan that wants them.
/// All plans must be loaded with the same parameters.
/// </summary>
internal sealed class SharedConstants(ComputeDevice device)
{
    private readonly Dictionary<string, (Chunk Chunk, BufferRange Range)> _known = new(StringComparer.Ordinal);

    /// <summary>Held while a plan is loaded: the next one may want what it makes.</summary>
    internal Lock Loading { get; } = new();

    /// <summary>Finds the constants of a plan, and makes room for those that are not there yet.</summary>
    /// <returns>Null for a plan whose constants cannot be told by what they are made of.</returns>
    internal Lease? Acquire(ExecutionPlan plan)
    {
        if (ConstantKeys.Of(plan) is not { } keys) return null;
        var lease = new Lease(this);
        try
        {
            var missing = new List<VirtualBuffer>();
            foreach (var (buffer, place) in plan.Placements)
            {
                if (place.Block != MemoryBlock.Weights) continue;
                if (_known.TryGetValue(keys[buffer], out var known)) lease.Add(buffer, known.Chunk, known.Range);
                else missing.Add(buffer);
            }
            Allocate(plan, missing, keys, lease);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    // Equal constants of one plan share a place, too.
    private void Allocate(ExecutionPlan plan, List<VirtualBuffer> buffers, IReadOnlyDictionary<VirtualBuffer, string> keys, Lease lease)
    {
        var (alignment, most) = (device.Profile.BufferAlignment, device.Profile.MaxAllocationBytes);
        var places = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var first = 0; first < buffers.Count;)
        {
            places.Clear();
            var (next, bytes) = (first, 0L);
            for (; next < buffers.Count && (bytes == 0 || bytes + buffers[next].Bytes <= most); next++)
                if (places.TryAdd(keys[buffers[next]], bytes)) bytes += (buffers[next].Bytes + alignment - 1) / alignment * alignment;
            var chunk = new Chunk(device.AllocateBuffer(bytes, BufferPurpose.DeviceLocal, $"{plan.Name} weights"), [.. places.Keys]);
            for (; first < next; first++)
            {
                var (buffer, key) = (buffers[first], keys[buffers[first]]);
                var range = new BufferRange(chunk.Memory, places[key], buffer.Bytes, buffer.Name);
                lease.Add(buffer, chunk, range);
                if (_known.TryAdd(key, (chunk, range))) lease.Missing.Add(buffer);
            }
        }
    }

    private void Release(IEnumerable<Chunk> chunks)
    {
        lock (Loading)
        {
            foreach (var chunk in chunks)
            {
                if (--chunk.Users > 0) continue;
                foreach (var key in chunk.Keys)
                    if (_known.TryGetValue(key, out var known) && known.Chunk == chunk) _known.Remove(key);
                chunk.Memory.Dispose();
            }
        }
    }

    /// <summary>What one plan uses.</summary>
    internal sealed class Lease(SharedConstants owner) : IDisposable
    {
        private readonly Dictionary<VirtualBuffer, BufferRange> _ranges = [];
        private readonly HashSet<Chunk> _chunks = [];

        /// <summary>The buffers that are to be filled.</summary>
        internal HashSet<VirtualBuffer> Missing { get; } = [];

        internal BufferRange Locate(TensorSlice slice)
        {
            var range = _ranges[slice.Buffer];
            return new BufferRange(range.Buffer, range.Offset + slice.Offset, slice.Bytes, range.DisplayName);
        }

        /// <summary>The set-up calls that fill what is missing, in order, and every buffer that they or the plan want filled before.</summary>
        internal (IReadOnlyList<PlanCall> Calls, HashSet<VirtualBuffer> Wanted) SetUp(ExecutionPlan plan)
        {
            var wanted = Missing.ToHashSet();
            var calls = new List<PlanCall>();
            foreach (var call in plan.Setup.Calls.Reverse())
            {
                if (!call.Writes.Any(w => wanted.Contains(w.Buffer))) continue;
                calls.Add(call);
                foreach (var slice in call.Reads.Concat(call.Writes))
                    if (!_ranges.ContainsKey(slice.Buffer)) wanted.Add(slice.Buffer);
            }
            calls.Reverse();
            return (calls, wanted);
        }

        internal void Add(VirtualBuffer buffer, Chunk chunk, BufferRange range)
        {
            _ranges[buffer] = range;
            if (_chunks.Add(chunk)) chunk.Users++;
        }

        public void Dispose()
        {
            owner.Release(_chunks);
            _chunks.Clear();
        }
    }

    /// <summary>Memory that was allocated at once; freed when no plan uses any of it.</summary>
    internal sealed class Chunk(DeviceBuffer memory, IReadOnlyList<string> keys)
    {
        internal DeviceBuffer Memory { get; } = memory;

        internal IReadOnlyList<string> Keys { get; } = keys;

        internal int Users { get; set; }
    }
}
