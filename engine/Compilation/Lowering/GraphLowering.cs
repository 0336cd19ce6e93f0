using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Turns a graph into calls over virtual buffers. Nodes that depend on constants only go into the set-up calls, which run once when the
/// model is loaded; the rest into the main calls, which are replayed.
/// </summary>
internal sealed class GraphLowering
{
    private readonly Graph _graph;
    private readonly NumberTable<DeviceTensor> _tensors = new();
    private readonly Dictionary<Value, string> _outputNames = [];
    private readonly List<VirtualBuffer> _buffers;
    private readonly HashSet<VirtualBuffer> _delivered = [];
    private readonly Dictionary<Value, Node?> _lastReader = [];
    private readonly HashSet<(Value State, Value Next)> _states;
    private readonly HashSet<Value> _wanted;
    private readonly Dictionary<Value, (Value Whole, int Texel)> _joined = [];
    private readonly TensorGroups? _groups;

    internal GraphLowering(Graph graph, CompilerOptions options)
        : this(graph, options, null)
    {
        foreach (var (name, value) in graph.Outputs) _outputNames.TryAdd(value, name);
        if (options.Fuse) _groups = new TensorGroups(graph, options);
    }

    private GraphLowering(Graph graph, CompilerOptions options, GraphLowering? parent)
    {
        _graph = graph;
        Options = options;
        SharedConstants = parent?.SharedConstants ?? new SharedArrays<SpecializationValue>();
        SharedParameters = parent?.SharedParameters ?? new SharedArrays<byte>();
        _buffers = parent?._buffers ?? new List<VirtualBuffer>(graph.Nodes.Count);
        Setup = parent?.Setup ?? [];
        Main = parent?.Main ?? new List<PlanCall>(graph.Nodes.Count);
        Packs = parent?.Packs ?? [];
        _states = [.. graph.States.Select(s => (s.Input, s.Output))];
        _wanted = GraphUsers.Kept(graph);
        FindLastReaders();
        if (options.Fuse) FindJoined();
    }

    internal CompilerOptions Options { get; }

    internal SharedArrays<SpecializationValue> SharedConstants { get; }

    internal SharedArrays<byte> SharedParameters { get; }

    internal List<PlanCall> Setup { get; }

    internal List<PlanCall> Main { get; }

    internal Dictionary<(VirtualBuffer Buffer, long Offset, string Format), DeviceTensor> Packs { get; }

    /// <summary>Lowers a region's body into the same calls; the results of the body are no results of the graph.</summary>
    internal GraphLowering Nested(Graph body) => new(body, Options, this);

    /// <summary>Forgets the tensors of the step before, but for those that are the same in every step.</summary>
    internal void Begin(IReadOnlySet<Value> invariant)
    {
        // A constant state makes constants of the first step's results, which are none in the next.
        foreach (var value in _graph.Inputs.Concat(_graph.Nodes.SelectMany(n => n.Outputs)))
            if (!invariant.Contains(value)) _tensors[value.Number] = null;
    }

    /// <summary>Lowers the nodes of a step, but for those whose results are the same in every step and are there.</summary>
    internal void LowerNodes(IReadOnlySet<Value> invariant)
    {
        foreach (var node in _graph.Nodes)
            if (!node.Outputs.All(o => invariant.Contains(o) && _tensors[o.Number] is not null)) Lower(node);
    }

    internal LoweredGraph Lower()
    {
        foreach (var input in _graph.Inputs) Place(input, BufferKind.Input);
        foreach (var runValue in _graph.RunValues) Place(runValue, BufferKind.RunValue);
        foreach (var state in _graph.States) Place(state.Input, BufferKind.State, state.Input.Data, state.Input.Kind == ValueKind.Parameter ? state.Input : null);
        foreach (var parameter in _graph.Parameters)
            if (_tensors[parameter.Number] is null) Place(parameter, BufferKind.Constant, null, parameter);
        foreach (var node in _graph.Nodes) Lower(node);
        var outputs = _graph.Outputs.Select(o => new KeyValuePair<string, DeviceTensor>(o.Key, DeliverOutput(o.Key, o.Value))).ToList();
        DeliverStates();
        return new LoweredGraph
        {
            Name = _graph.Name,
            Setup = Setup,
            Main = Main,
            Buffers = _buffers,
            Inputs = [.. _graph.Inputs.Select(i => new KeyValuePair<string, DeviceTensor>(i.Name, _tensors[i.Number]!))],
            RunValues = [.. _graph.RunValues.Select(i => new KeyValuePair<string, DeviceTensor>(i.Name, _tensors[i.Number]!))],
            States = [.. _graph.States.Select(s => new KeyValuePair<string, DeviceTensor>(s.Input.Name, _tensors[s.Input.Number]!))],
            Outputs = outputs,
            Extents = _graph.Extents,
            BoundValues = _graph.BoundValues,
        };
    }

    internal DeviceTensor TensorOf(Value value)
    {
        if (_tensors.TryGet(value.Number, out var tensor)) return tensor;
        if (value.Constant is not { } data) throw new InvalidOperationException($"'{value.Name}' is used before it is lowered");
        return Place(value, BufferKind.Constant, data);
    }

    internal DeviceTensor MakeOutput(Value value, bool constant)
    {
        if (_tensors.TryGet(value.Number, out var tensor)) return tensor;
        if (!constant && _joined.TryGetValue(value, out var place))
        {
            var whole = MakeOutput(place.Whole, constant: false);
            tensor = new DeviceTensor(whole.Buffer, whole.Offset, value.Type, value.Layout) { Part = new ChannelPart(whole.FirstTexel + place.Texel, whole.TexelPitch) };
            SetTensor(value, tensor);
            return tensor;
        }
        // A result that is a graph output in dense layout is computed right where the caller reads it.
        var kind = constant ? BufferKind.Constant : _outputNames.ContainsKey(value) && value.Layout == Layout.Dense ? BufferKind.Output : BufferKind.Activation;
        return Place(value, kind);
    }

    /// <summary>Whether a node may overwrite a carried tensor: its result is the tensor's next value and nobody reads the old one afterwards.</summary>
    internal bool IsDonated(Value state, Value next, Node writer) =>
        _states.Contains((state, next)) && !_wanted.Contains(state) && _lastReader.GetValueOrDefault(state) == writer;

    // Of carried tensors: nobody asks it of others.
    private void FindLastReaders()
    {
        if (_graph.States.Count == 0) return;
        foreach (var state in _graph.States) _lastReader[state.Input] = null;
        foreach (var node in _graph.Nodes)
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { } input && _lastReader.ContainsKey(input)) _lastReader[input] = node;
    }

    // Values that only one joining node reads, once, and that their producer can write where the join wants them.
    private void FindJoined()
    {
        if (!_graph.Nodes.Any(n => n.Operator is IJoining)) return;
        var uses = new Dictionary<Value, int>();
        foreach (var value in _graph.Nodes.SelectMany(n => n.Inputs.OfType<Value>()).Concat(_graph.Outputs.Select(o => o.Value)).Concat(_graph.States.Select(s => s.Output)))
            uses[value] = uses.GetValueOrDefault(value) + 1;
        foreach (var node in _graph.Nodes)
        {
            if (node.Operator is not IJoining joining || node.Epilogue is not null || node.Outputs[0].Layout != Layout.ChannelsLast) continue;
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { Producer: { Operator: ILowering lowering } producer, OutputIndex: 0 } input && uses[input] == 1
                    && lowering.WritesParts(producer) && joining.TexelOf(node, i) is { } texel) _joined[input] = (node.Outputs[0], texel);
        }
    }

    internal void SetTensor(Value value, DeviceTensor tensor) => _tensors[value.Number] = tensor;

    internal VirtualBuffer NewBuffer(string name, BufferKind kind, long bytes, Tensor? data = null, Value? parameter = null)
    {
        var buffer = new VirtualBuffer(_buffers.Count, name, kind, bytes) { Data = data, Parameter = parameter };
        _buffers.Add(buffer);
        return buffer;
    }

    private VirtualBuffer NewBuffer(TensorGroups.Group group)
    {
        var buffer = new VirtualBuffer(_buffers.Count, group.Name, group.Kind, group.Bytes) { Parts = group.Parts };
        _buffers.Add(buffer);
        return buffer;
    }

    private DeviceTensor Place(Value value, BufferKind kind, Tensor? data = null, Value? parameter = null)
    {
        if (kind is BufferKind.State or BufferKind.Activation && _groups?.Find(value) is { } place)
        {
            place.Group.Buffer ??= NewBuffer(place.Group);
            return Place(value, place.Group.Buffer, place.Part.Offset);
        }
        return Place(value, NewBuffer(value.Name, kind, DeviceTensor.SizeOf(value.Type, value.Layout), data, parameter), 0);
    }

    private DeviceTensor Place(Value value, VirtualBuffer buffer, long offset)
    {
        var tensor = new DeviceTensor(buffer, offset, value.Type, value.Layout);
        SetTensor(value, tensor);
        return tensor;
    }

    private void Lower(Node node)
    {
        // Nodes without inputs (generators) are computed in every run unless all they depend on is constant.
        var constant = node.Operator.IsFoldable;
        for (var i = 0; i < node.Inputs.Count; i++)
            if (node.Inputs[i] is { } input) constant &= TensorOf(input).IsConstant;
        if (node.Operator is not ILowering lowering)
            throw new VkNetException("VKN4212", $"{node.Operator.Name} '{node.Name}' cannot run on a device", "it has a host evaluator only; its inputs must be constant", node.Location);
        lowering.Lower(new LoweringContext(this, node, constant));
        for (var i = 0; i < node.Outputs.Count; i++)
            if (_tensors[node.Outputs[i].Number] is null) MakeOutput(node.Outputs[i], constant);
    }

    // Every output name gets memory of its own that the caller may read while the next run proceeds.
    private DeviceTensor DeliverOutput(string name, Value value)
    {
        var tensor = TensorOf(value);
        if (tensor.Layout != Layout.Dense) throw new InvalidOperationException($"output '{name}' is not dense");
        if (tensor.Buffer.Kind == BufferKind.Output && tensor.Offset == 0 && _delivered.Add(tensor.Buffer)) return tensor;
        // A whole intermediate result seen through a view is computed where the caller reads it.
        if (tensor.Buffer.Kind == BufferKind.Activation && tensor.Offset == 0 && tensor.Bytes == tensor.Buffer.Bytes && _delivered.Add(tensor.Buffer))
        {
            tensor.Buffer.Kind = BufferKind.Output;
            return tensor;
        }
        var copy = new DeviceTensor(NewBuffer(name, BufferKind.Output, tensor.Bytes), 0, tensor.Type, Layout.Dense);
        _delivered.Add(copy.Buffer);
        AddCopy(name, tensor, copy);
        return copy;
    }

    // A state whose next value is another state's old one is saved first, before any state is overwritten.
    private void DeliverStates()
    {
        var moves = new List<(StatePair State, DeviceTensor From, DeviceTensor To)>();
        foreach (var state in _graph.States)
        {
            var (from, to) = (TensorOf(state.Output), _tensors[state.Input.Number]!);
            if (from.Buffer == to.Buffer && from.Offset == to.Offset) continue;
            if (from.Buffer.Kind == BufferKind.State)
            {
                var saved = new DeviceTensor(NewBuffer(state.Input.Name + "/saved", BufferKind.Activation, from.Bytes), 0, from.Type, from.Layout);
                AddCopy(state.Input.Name, from, saved);
                from = saved;
            }
            moves.Add((state, from, to));
        }
        foreach (var (state, from, to) in moves) AddCopy(state.Input.Name, from, to);
    }

    private void AddCopy(string node, DeviceTensor from, DeviceTensor to) =>
        Main.Add(new CopyCall { Node = node, Source = from.Slice, Destination = to.Slice, Bytes = 2.0 * to.Bytes });
}
