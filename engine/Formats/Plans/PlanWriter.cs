using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Tensors;

namespace VkNet.Formats.Plans;

/// <summary>Turns a plan into the header of a plan file and the tensors whose bytes follow it.</summary>
internal sealed class PlanWriter
{
    private readonly ExecutionPlan _plan;
    private readonly Dictionary<VirtualBuffer, int> _buffers = [];
    private readonly Dictionary<KernelDescriptor, int> _kernels = [];
    private readonly List<Tensor> _data = [];
    private readonly Dictionary<Tensor, long> _offsets = [];
    private long _end;

    private PlanWriter(ExecutionPlan plan) => _plan = plan;

    internal static (PlanDocument Document, IReadOnlyList<Tensor> Data) Write(ExecutionPlan plan, DeviceProfile profile)
    {
        var writer = new PlanWriter(plan);
        return (writer.Document(profile), writer._data);
    }

    private PlanDocument Document(DeviceProfile profile)
    {
        foreach (var buffer in _plan.Placements.Keys.Concat(NamedTensors().Select(t => t.Value.Buffer)).Concat(Slices().Select(s => s.Buffer)).Distinct().OrderBy(b => b.Id))
            _buffers[buffer] = _buffers.Count;
        var (setup, main) = (Section(_plan.Setup), Section(_plan.Main));
        return new PlanDocument
        {
            Graph = _plan.Name,
            Device = PlanFile.DeviceFacts(profile),
            Buffers = [.. _buffers.Keys.Select(Buffer)],
            Setup = setup,
            Main = main,
            Kernels = [.. _kernels.Keys.Select(k => new KernelEntry(k.Name, k.Variant, k.Hash))],
            Arenas = _plan.Arenas.ToDictionary(a => a.Key.ToString(), a => a.Value),
            Inputs = Tensors(_plan.Inputs),
            RunValues = Tensors(_plan.RunValues),
            States = Tensors(_plan.States),
            Outputs = Tensors(_plan.Outputs),
            Extents = _plan.Extents.Count == 0 ? null : _plan.Extents.ToDictionary(),
            BoundValues = _plan.BoundValues.ToDictionary(b => b.Key, b => Data(b.Value)),
            Memory = new MemoryEntry(_plan.Memory.PlannedBytes, _plan.Memory.LowerBoundBytes, _plan.Memory.NoReuseBytes, _plan.Memory.WeightBytes, _plan.Memory.StateBytes, _plan.Memory.Planner),
        };
    }

    private IEnumerable<KeyValuePair<string, DeviceTensor>> NamedTensors() => _plan.Inputs.Concat(_plan.RunValues).Concat(_plan.States).Concat(_plan.Outputs);

    private IEnumerable<TensorSlice> Slices() => _plan.Setup.Calls.Concat(_plan.Main.Calls).SelectMany(c => c.Reads.Concat(c.Writes));

    private List<TensorEntry> Tensors(IReadOnlyList<KeyValuePair<string, DeviceTensor>> tensors) =>
        [.. tensors.Select(t => new TensorEntry(t.Key, _buffers[t.Value.Buffer], t.Value.Offset, t.Value.Type.DataType.Name(), t.Value.Shape.ToArray(), t.Value.Layout.ToString()))];

    private BufferEntry Buffer(VirtualBuffer buffer)
    {
        var entry = _plan.Placements.TryGetValue(buffer, out var place)
            ? new BufferEntry(buffer.Name, buffer.Kind.ToString(), buffer.Bytes, place.Block.ToString(), place.Arena, place.Offset, place.First, place.Last, Replaced(buffer))
            : new BufferEntry(buffer.Name, buffer.Kind.ToString(), buffer.Bytes, null, 0, 0, 0, 0, -1);
        return entry with
        {
            Data = buffer.Data is { } data ? Data(data) : null,
            Parameter = Parameter(buffer.Parameter),
            Parts = buffer.Parts.Count == 0 ? null : [.. buffer.Parts.Select(p => new PartEntry(p.Offset, p.Bytes) { Data = p.Data is { } own ? Data(own) : null, Parameter = Parameter(p.Parameter) })],
        };
    }

    private static ParameterEntry? Parameter(Value? parameter) =>
        parameter is { } p ? new ParameterEntry(p.Name, p.DataType.Name(), p.Shape.ToArray(), (p.Parameter ?? new()).Initializer, (p.Parameter ?? new()).InitializerScale) : null;

    private int Replaced(VirtualBuffer buffer) => buffer.MayReplace is { } other && _buffers.TryGetValue(other, out var index) ? index : -1;

    private DataEntry Data(Tensor tensor)
    {
        if (!_offsets.TryGetValue(tensor, out var offset))
        {
            offset = _offsets[tensor] = _end;
            _data.Add(tensor);
            _end += tensor.Bytes().Length;
        }
        return new DataEntry(tensor.DataType.Name(), tensor.Shape.ToArray(), offset);
    }

    private SectionEntry Section(PlanSection section) => new([.. section.Calls.Select(Call)], section.Parameters);

    private CallEntry Call(PlanCall call) => call switch
    {
        DispatchCall dispatch => Entry(call, Kernel(dispatch.Descriptor), dispatch.Slices) with
        {
            Constants = [.. dispatch.Constants.Select(c => new[] { (uint)c.Id, c.Value })],
            ParameterOffset = dispatch.ParameterOffset,
            Groups = [dispatch.Groups.X, dispatch.Groups.Y, dispatch.Groups.Z],
        },
        CopyCall copy => Entry(call, -1, [copy.Source, copy.Destination]),
        FillCall fill => Entry(call, -1, [fill.Destination]) with { Pattern = fill.Pattern },
        _ => throw new NotSupportedException($"calls of type {call.GetType().Name} have no form in a plan file"),
    };

    private CallEntry Entry(PlanCall call, int kernel, IReadOnlyList<TensorSlice> slices) =>
        new(call.Node, [.. call.SourceNodes], kernel, [.. slices.Select(s => new[] { _buffers[s.Buffer], s.Offset, s.Bytes })], call.BarrierBefore, call.Flops, call.Bytes);

    private int Kernel(KernelDescriptor descriptor)
    {
        if (!_kernels.TryGetValue(descriptor, out var index)) _kernels[descriptor] = index = _kernels.Count;
        return index;
    }
}
