using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Formats.Plans;

/// <summary>Turns the header of a plan file back into a plan, checking every index, range and place on the way.</summary>
internal sealed class PlanReader
{
    private readonly string _path;
    private readonly PlanDocument _document;
    private readonly byte[] _data;
    private readonly Dictionary<(string Name, string Variant), KernelDescriptor> _known = [];
    private readonly Dictionary<DataEntry, Tensor> _tensors = [];
    private KernelDescriptor[] _kernels = [];
    private VirtualBuffer[] _buffers = [];

    internal PlanReader(string path, PlanDocument document, byte[] data, IEnumerable<KernelDescriptor> kernels)
    {
        (_path, _document, _data) = (path, document, data);
        foreach (var kernel in KernelCatalog.All.SelectMany(f => f.Variants).Concat(kernels)) _known[(kernel.Name, kernel.Variant)] = kernel;
    }

    /// <exception cref="InvalidDataException">The header contradicts itself.</exception>
    internal ExecutionPlan Read()
    {
        RequireEntries();
        _kernels = [.. _document.Kernels.Select(Kernel)];
        _buffers = [.. _document.Buffers.Select((b, i) => Buffer(b, i))];
        for (var i = 0; i < _buffers.Length; i++)
            if (_document.Buffers[i].Replaces >= 0) _buffers[i].MayReplace = At(_buffers, _document.Buffers[i].Replaces, "buffer");
        var arenas = System.Enum.GetValues<MemoryBlock>().ToDictionary(b => b, b => _document.Arenas.GetValueOrDefault(b.ToString()) ?? []);
        foreach (var size in arenas.Values.SelectMany(a => a)) Require(size >= 0, $"an arena has {size} bytes");
        var placements = new Dictionary<VirtualBuffer, Placement>();
        for (var i = 0; i < _buffers.Length; i++)
            if (_document.Buffers[i].Block is { } block) placements[_buffers[i]] = Place(_document.Buffers[i], Enum<MemoryBlock>(block), arenas);
        foreach (var (name, axis) in _document.Extents ?? [])
            Require(_document.Outputs.Any(o => o.Name == name && axis >= 0 && axis < o.Shape.Length) && _document.Outputs.Any(o => o.Name == Graph.CountName(name) && o.Shape is [1]), $"the extent of output '{name}' does not fit it");
        return new ExecutionPlan
        {
            Name = _document.Graph,
            Setup = Section(_document.Setup, placements),
            Main = Section(_document.Main, placements),
            Placements = placements,
            Arenas = arenas,
            Inputs = Tensors(_document.Inputs, placements),
            RunValues = Tensors(_document.RunValues, placements),
            States = Tensors(_document.States, placements),
            Outputs = Tensors(_document.Outputs, placements),
            Extents = _document.Extents ?? [],
            BoundValues = _document.BoundValues.ToDictionary(b => b.Key, b => Data(b.Value)),
            Memory = new MemoryReport(_document.Memory.Planned, _document.Memory.LowerBound, _document.Memory.NoReuse, _document.Memory.Weights, _document.Memory.States, _document.Memory.Planner),
        };
    }

    // The serializer refuses what is missing or null itself, except as an entry of a list or a dictionary.
    private void RequireEntries()
    {
        IEnumerable<CallEntry> calls = [.. _document.Setup.Calls, .. _document.Main.Calls];
        IEnumerable<IEnumerable<object?>> lists =
        [
            _document.Kernels, _document.Buffers, _document.Inputs, _document.RunValues, _document.States, _document.Outputs, _document.Arenas.Values, _document.BoundValues.Values, calls,
            .. _document.Buffers.OfType<BufferEntry>().Select(b => b.Parts ?? []),
            .. calls.OfType<CallEntry>().SelectMany(c => (IEnumerable<object?>[])[c.Ranges, c.Sources, c.Constants ?? []]),
        ];
        Require(lists.All(l => l.All(e => e is not null)), "an entry is null");
    }

    private KernelDescriptor Kernel(KernelEntry entry)
    {
        if (!_known.TryGetValue((entry.Name, entry.Variant), out var kernel))
            throw FileFault.Of("VKN6603", _path, $"the plan uses kernel {entry.Name} {entry.Variant}, which this VkNet does not have", "compile the graph again: vknet compile GRAPH -o FILE");
        if (kernel.Hash != entry.Hash)
            throw FileFault.Of("VKN6603", _path, $"the plan was compiled for another version of kernel {entry.Name} {entry.Variant}", "compile the graph again: vknet compile GRAPH -o FILE");
        return kernel;
    }

    private VirtualBuffer Buffer(BufferEntry entry, int index)
    {
        Require(entry.Bytes >= 0, $"buffer '{entry.Name}' has {entry.Bytes} bytes");
        var buffer = new VirtualBuffer(index, entry.Name, Enum<BufferKind>(entry.Kind), entry.Bytes)
        {
            Data = entry.Data is { } data ? Data(data) : null,
            Parameter = Parameter(entry.Parameter),
            Parts = [.. (entry.Parts ?? []).Select(p => new BufferPart(p.Offset, p.Bytes, p.Data is { } own ? Data(own) : null, Parameter(p.Parameter)))],
        };
        RequireRoom(entry.Name, entry.Bytes, buffer.Data, buffer.Parameter);
        foreach (var part in buffer.Parts)
        {
            Require(part.Offset >= 0 && part.Bytes >= 0 && part.Bytes <= entry.Bytes - part.Offset, $"a part of buffer '{entry.Name}' reaches beyond it");
            RequireRoom(entry.Name, part.Bytes, part.Data, part.Parameter);
        }
        return buffer;
    }

    private static Value? Parameter(ParameterEntry? entry) => entry is { } p
        ? new Value(p.Name, Type(p.Type, p.Shape), ValueKind.Parameter) { Parameter = new ParameterOptions { Initializer = p.Initializer, InitializerScale = p.Scale } }
        : null;

    private static void RequireRoom(string name, long bytes, Tensor? data, Value? parameter)
    {
        foreach (var shape in new[] { data?.Shape, parameter?.Shape })
            if (shape is { } given) Require(given.ElementCount * DeviceTensor.ElementBytes <= bytes, $"buffer '{name}' is too small for its values");
    }

    private static Placement Place(BufferEntry entry, MemoryBlock block, Dictionary<MemoryBlock, long[]> arenas)
    {
        Require(entry.Arena >= 0 && entry.Arena < arenas[block].Length && entry.Offset >= 0 && entry.Offset % 16 == 0 && entry.Bytes <= arenas[block][entry.Arena] - entry.Offset, $"buffer '{entry.Name}' lies outside its arena");
        return new Placement(block, entry.Arena, entry.Offset, entry.Bytes, entry.First, entry.Last);
    }

    private List<KeyValuePair<string, DeviceTensor>> Tensors(List<TensorEntry> entries, Dictionary<VirtualBuffer, Placement> placements)
    {
        var result = new List<KeyValuePair<string, DeviceTensor>>();
        foreach (var entry in entries)
        {
            var tensor = new DeviceTensor(At(_buffers, entry.Buffer, "buffer"), entry.Offset, Type(entry.Type, entry.Shape), Enum<Layout>(entry.Layout));
            Require(placements.ContainsKey(tensor.Buffer) && (tensor.Layout == Layout.Dense || tensor.Shape.Rank >= 2), $"tensor '{entry.Name}' has no place");
            CheckRange(tensor.Slice);
            Require(tensor.Buffer.Parts.Count == 0 || tensor.Buffer.Parts.Any(p => p.Offset == tensor.Offset), $"tensor '{entry.Name}' is no part of its buffer");
            result.Add(new(entry.Name, tensor));
        }
        return result;
    }

    private PlanSection Section(SectionEntry section, Dictionary<VirtualBuffer, Placement> placements)
    {
        List<PlanCall> calls = [.. section.Calls.Select(c => Call(c, section.Parameters))];
        foreach (var slice in calls.SelectMany(c => c.Reads.Concat(c.Writes))) Require(placements.ContainsKey(slice.Buffer), $"buffer '{slice.Buffer.Name}' is used but has no place");
        return new PlanSection(calls, section.Parameters);
    }

    private PlanCall Call(CallEntry entry, byte[] parameters)
    {
        var slices = entry.Ranges.Select(Range).ToArray();
        if (entry.Kernel < 0 && slices.Length == 2)
        {
            Require(slices[0].Bytes == slices[1].Bytes, $"a copy of '{entry.Node}' has two lengths");
            return new CopyCall { Node = entry.Node, SourceNodes = entry.Sources, Source = slices[0], Destination = slices[1], BarrierBefore = entry.Barrier, Flops = entry.Flops, Bytes = entry.Bytes };
        }
        if (entry.Kernel < 0)
        {
            Require(slices.Length == 1, $"a call of '{entry.Node}' is neither kernel, copy nor fill");
            return new FillCall { Node = entry.Node, SourceNodes = entry.Sources, Destination = slices[0], Pattern = entry.Pattern, BarrierBefore = entry.Barrier, Flops = entry.Flops, Bytes = entry.Bytes };
        }
        var kernel = At(_kernels, entry.Kernel, "kernel");
        Require(slices.Length == kernel.Bindings.Count(b => b.Kind != BindingKind.UniformBuffer), $"kernel {kernel.Name} of '{entry.Node}' has {slices.Length} tensors");
        Require(entry.ParameterOffset >= 0 && kernel.ParameterBytes <= parameters.Length - entry.ParameterOffset, $"the parameters of '{entry.Node}' lie outside their block");
        Require(entry.Groups is { Length: 3 } g && g.All(n => n > 0), $"'{entry.Node}' has an impossible number of workgroups");
        Require((entry.Constants ?? []).All(c => c.Length == 2 && kernel.Constants.Any(k => k.Id == c[0])), $"'{entry.Node}' sets constants that kernel {kernel.Name} does not have");
        return new DispatchCall
        {
            Node = entry.Node,
            SourceNodes = entry.Sources,
            Descriptor = kernel,
            Constants = [.. (entry.Constants ?? []).Select(c => new SpecializationValue((int)c[0], c[1]))],
            Slices = slices,
            Parameters = parameters.AsSpan(entry.ParameterOffset, kernel.ParameterBytes).ToArray(),
            ParameterOffset = entry.ParameterOffset,
            Groups = (entry.Groups![0], entry.Groups[1], entry.Groups[2]),
            BarrierBefore = entry.Barrier,
            Flops = entry.Flops,
            Bytes = entry.Bytes,
        };
    }

    private TensorSlice Range(long[] range)
    {
        Require(range.Length == 3 && range[0] is >= 0 and <= int.MaxValue, "a range is not [buffer, offset, bytes]");
        var slice = new TensorSlice(At(_buffers, (int)range[0], "buffer"), range[1], range[2]);
        CheckRange(slice);
        return slice;
    }

    private static void CheckRange(TensorSlice slice) =>
        Require(slice.Offset >= 0 && slice.Bytes >= 0 && slice.Bytes <= slice.Buffer.Bytes - slice.Offset, $"a range reaches beyond buffer '{slice.Buffer.Name}'");

    private Tensor Data(DataEntry entry)
    {
        if (_tensors.TryGetValue(entry, out var known)) return known;
        var type = Type(entry.Type, entry.Shape);
        var bytes = checked(type.Shape.ElementCount * type.DataType.HostSize());
        Require(entry.Offset >= 0 && bytes <= _data.Length - entry.Offset, "a constant lies beyond the end of the file");
        var tensor = Tensor.Zeros(type);
        _data.AsSpan((int)entry.Offset, (int)bytes).CopyTo(tensor.Bytes());
        if (type.DataType == DataType.Bool) Require(!tensor.Bytes().ContainsAnyExcept((byte)0, (byte)1), "a truth value is neither 0 nor 1");
        return _tensors[entry] = tensor;
    }

    private static TensorType Type(string name, long[] sizes)
    {
        Require(sizes.Length <= Limits.MaximumRank && sizes.All(s => s is >= 0 and <= int.MaxValue), "a shape is impossible");
        var type = new TensorType(DataTypes.Parse(name) ?? throw new InvalidDataException($"'{name}' is no element type"), new Shape(sizes));
        // What is made of it later (padding, bytes) must not overflow.
        Require(type.Shape.ElementCount <= long.MaxValue / 64, "a shape is impossible");
        return type;
    }

    private static T Enum<T>(string name) where T : struct, Enum =>
        System.Enum.TryParse<T>(name, out var value) && System.Enum.IsDefined(value) ? value : throw new InvalidDataException($"'{name}' is no {typeof(T).Name}");

    private static T At<T>(T[] items, int index, string what) => index >= 0 && index < items.Length ? items[index] : throw new InvalidDataException($"there is no {what} {index}");

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new InvalidDataException(otherwise);
    }
}
