using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>
/// Carried tensors on a device, by name, outside any plan: a training step, a second step over the same weights and an evaluation of
/// another batch size all read and write the same memory. Runs of all sessions over a store follow one another in the order of
/// submission.
/// </summary>
public sealed class WeightStore : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly Dictionary<string, (BufferRange Range, TensorType Type)> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<VirtualBuffer, BufferRange> _buffers = [];
    private readonly List<DeviceBuffer> _memory = [];

    /// <summary>Makes an empty store.</summary>
    public WeightStore(ComputeDevice device) => _device = device;

    /// <summary>The device that the tensors are on.</summary>
    internal ComputeDevice Device => _device;

    /// <summary>The tensors' names and types.</summary>
    public IEnumerable<KeyValuePair<string, TensorType>> Tensors => _tensors.Select(t => new KeyValuePair<string, TensorType>(t.Key, t.Value.Type));

    /// <summary>Whether the store has a tensor.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>Reads a tensor. Runs that may change it must have been awaited.</summary>
    public Tensor Read(string name)
    {
        var (range, type) = Find(name);
        var result = Tensor.Zeros(type);
        BufferTransfer.Download(_device, range, span => DeviceElements.Decode(span, result));
        return result;
    }

    /// <summary>Writes a tensor. Runs that may read it must have been awaited.</summary>
    /// <exception cref="VkNetException">VKN2204: the shapes differ.</exception>
    public void Write(string name, Tensor value)
    {
        var (range, type) = Find(name);
        if (value.Shape != type.Shape) throw new VkNetException("VKN2204", $"'{name}' is {type}, but the value given is {value.Type}");
        BufferTransfer.Upload(_device, range, span => DeviceElements.Encode(value, span, name));
    }

    /// <summary>
    /// Whether a plan may lay out a tensor right behind another: neither is in the store yet, or they lie so. Plans compiled with it
    /// (<see cref="CompilerOptions.MayFollow"/>) fit the store.
    /// </summary>
    /// <param name="first">The name of the one.</param>
    /// <param name="second">The name of the one behind it.</param>
    public bool MayFollow(string first, string second)
    {
        if (!_tensors.TryGetValue(first, out var one) || !_tensors.TryGetValue(second, out var other)) return _tensors.ContainsKey(first) == _tensors.ContainsKey(second);
        var alignment = _device.Profile.BufferAlignment;
        return one.Range.Buffer == other.Range.Buffer && other.Range.Offset == (one.Range.Offset + one.Range.Size + alignment - 1) / alignment * alignment;
    }

    /// <summary>Frees the memory; the sessions over the store must have been disposed.</summary>
    public void Dispose()
    {
        foreach (var buffer in _memory) buffer.Dispose();
        _memory.Clear();
        _tensors.Clear();
        _buffers.Clear();
    }

    /// <summary>Makes room for the carried tensors of a plan that the store has not yet.</summary>
    /// <returns>The names added; their values are undefined until they are written.</returns>
    /// <exception cref="VkNetException">VKN5020: a tensor of that name is of another type.</exception>
    internal IReadOnlyList<string> Add(ExecutionPlan plan)
    {
        var fresh = new List<VirtualBuffer>();
        foreach (var group in plan.States.GroupBy(s => s.Value.Buffer))
        {
            foreach (var (name, tensor) in group)
                if (_tensors.TryGetValue(name, out var known) && known.Type != tensor.Type)
                    throw new VkNetException("VKN5020", $"'{name}' is {tensor.Type} in '{plan.Name}', but {known.Type} in another plan over the same weights");
            if (_buffers.ContainsKey(group.Key)) continue;
            if (group.All(m => !_tensors.ContainsKey(m.Key))) fresh.Add(group.Key);
            else _buffers[group.Key] = Existing(plan, group.Key, [.. group.OrderBy(s => s.Value.Offset)]);
        }
        Allocate(plan, fresh);
        var added = new List<string>();
        foreach (var (name, tensor) in plan.States)
        {
            if (!_tensors.TryAdd(name, (Locate(new TensorSlice(tensor.Buffer, tensor.Offset, tensor.Bytes)), tensor.Type))) continue;
            added.Add(name);
        }
        return added;
    }

    internal BufferRange Locate(TensorSlice slice)
    {
        var range = _buffers[slice.Buffer];
        return new BufferRange(range.Buffer, range.Offset + slice.Offset, slice.Bytes, range.DisplayName);
    }

    // Few allocations, each within what the device allows.
    private void Allocate(ExecutionPlan plan, List<VirtualBuffer> buffers)
    {
        var alignment = _device.Profile.BufferAlignment;
        for (var first = 0; first < buffers.Count;)
        {
            long bytes = 0;
            var offsets = new List<long>();
            while (first + offsets.Count < buffers.Count && (offsets.Count == 0 || bytes + buffers[first + offsets.Count].Bytes <= _device.Profile.MaxAllocationBytes))
            {
                offsets.Add(bytes);
                bytes += (buffers[first + offsets.Count - 1].Bytes + alignment - 1) / alignment * alignment;
            }
            var memory = _device.AllocateBuffer(bytes, BufferPurpose.DeviceLocal, $"{plan.Name} weights");
            _memory.Add(memory);
            for (var i = 0; i < offsets.Count; i++) _buffers[buffers[first + i]] = new BufferRange(memory, offsets[i], buffers[first + i].Bytes, buffers[first + i].Name);
            first += offsets.Count;
        }
    }

    // Tensors that a plan lays out one after another must lie so already, if any of them is known.
    private BufferRange Existing(ExecutionPlan plan, VirtualBuffer buffer, List<KeyValuePair<string, DeviceTensor>> members)
    {
        var first = _tensors.GetValueOrDefault(members[0].Key).Range;
        foreach (var (name, tensor) in members)
            if (!_tensors.TryGetValue(name, out var known) || known.Range.Buffer != first.Buffer || known.Range.Offset - first.Offset != tensor.Offset - members[0].Value.Offset)
                throw new InvalidOperationException($"'{plan.Name}' groups '{name}' with other weights than the plan before it");
        return new BufferRange(first.Buffer, first.Offset - members[0].Value.Offset, buffer.Bytes, buffer.Name);
    }

    private (BufferRange Range, TensorType Type) Find(string name) =>
        _tensors.TryGetValue(name, out var found) ? found
            : throw new ArgumentException($"there is no carried tensor '{name}': {Suggestion.For(name, _tensors.Keys)}", nameof(name));
}
