using VkNet.Graphs;
using VkNet.Tensors;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>Builds the graph of a graph file for concrete sizes.</summary>
internal sealed class GraphFileBuilder
{
    private readonly YamlText _text;
    private readonly IReadOnlyList<InputDeclaration> _inputs;
    private readonly Bindings _bindings;
    private GraphBuilder _builder;
    private readonly Dictionary<string, YamlMappingNode> _blocks;
    private readonly Dictionary<string, long> _symbols;
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    internal GraphFileBuilder(YamlText text, OperatorRegistry registry, IReadOnlyList<InputDeclaration> inputs, Bindings bindings, string name)
    {
        _text = text;
        _inputs = inputs;
        _bindings = bindings;
        _builder = new GraphBuilder(registry, name, bindings);
        _symbols = inputs.SelectMany(i => i.Dimensions.Select(d => (d.Symbol, Input: i))).Where(s => s.Symbol is not null)
            .DistinctBy(s => s.Symbol).ToDictionary(s => s.Symbol!, s => bindings.Size(s.Symbol!, s.Input), StringComparer.Ordinal);
        foreach (var (symbol, size) in bindings.Symbols) _symbols.TryAdd(symbol, size);
        var plain = new YamlReading(text, new Dictionary<string, YamlNode>(), _symbols);
        _blocks = plain.Entries(YamlReading.Find(text.Root, "blocks"), "blocks").ToDictionary(b => b.Name, b => plain.Mapping(b.Value, "a block"));
        Top = new GraphScope("", plain, null);
    }

    private GraphScope Top { get; }

    internal Graph Build()
    {
        var reading = Top.Reading;
        foreach (var declaration in _inputs) Define(Top, declaration.Name, [_builder.Input(declaration.Name, CheckedType(declaration.Bind(_bindings), declaration.Location), declaration.Location)]);
        foreach (var (name, _, node) in Section("parameters")) Define(Top, name, [ReadParameter(name, node)]);
        foreach (var (name, _, node) in Section("constants")) Define(Top, name, [_builder.Constant(LiteralTensor.Read(reading, name, node), name, reading.At(node))]);
        var states = Section("states").ToList();
        foreach (var (name, _, node) in states) Define(Top, name, [ReadState(name, node)]);
        if (YamlReading.Find(_text.Root, "nodes") is { } nodes) AddNodes(Top, nodes);
        foreach (var (name, _, node) in states)
            _builder.SetState(Top.Values[name][0], Top.Reference(reading.Require(reading.Mapping(node, "a state"), "next", $"state '{name}'")));
        ReadOutputs();
        return _builder.Build();

        IEnumerable<(string Name, YamlNode Key, YamlNode Value)> Section(string key) => reading.Entries(YamlReading.Find(_text.Root, key), key);
    }

    private void AddNodes(GraphScope scope, YamlNode nodes)
    {
        foreach (var (name, _, _) in scope.Reading.Entries(nodes, "nodes")) scope.Later.Add(name);
        foreach (var (name, key, node) in scope.Reading.Entries(nodes, "nodes"))
        {
            if (_builder.Nodes.Count > Limits.MaximumGraphNodes) throw scope.Reading.Fault(key, "VKN1003", $"the graph has more than {Limits.MaximumGraphNodes} nodes");
            try
            {
                AddNode(scope, name, scope.Reading.Mapping(node, $"node '{name}'"));
            }
            catch (VkNetException e) when (e.Diagnostic.Location is null && e is not ValueNeededException)
            {
                // Faults of shapes know nothing of the file.
                throw new VkNetException(e.Diagnostic with { Location = scope.Reading.At(node) }, e.Kind, e);
            }
        }
    }

    private void AddNode(GraphScope scope, string name, YamlMappingNode node)
    {
        var reading = scope.Reading;
        var operatorName = reading.Text(reading.Require(node, "op", $"node '{name}'"), "op");
        Define(scope, name, _blocks.TryGetValue(operatorName, out var block)
            ? AddBlock(scope, scope.Prefix + name, node, operatorName, block)
            : NodeReader.Add(_builder, scope, name, node, _builder.Registry.Get(operatorName, reading.At(node))), node);
    }

    private IReadOnlyList<Value> AddBlock(GraphScope scope, string name, YamlMappingNode node, string blockName, YamlMappingNode block)
    {
        var reading = scope.Reading;
        if (!_open.Add(blockName)) throw reading.Fault(node, "VKN1108", $"block '{blockName}' contains itself", "blocks may use other blocks, but not in a circle");
        var arguments = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (argument, key, defaultValue) in reading.Entries(YamlReading.Find(block, "arguments"), "arguments"))
        {
            var given = YamlReading.Find(node, argument) is { } value ? reading.Resolve(value) : defaultValue;
            // An argument of an argument is worked out here, where its names mean what the writer meant.
            if (given is YamlScalarNode { Value: { } text } && text.Contains('$', StringComparison.Ordinal)) given = new YamlScalarNode(reading.Integer(given, argument).ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (given is YamlScalarNode { Value: "" or "required" or null }) throw reading.Fault(node, "VKN1005", $"node '{name}' lacks the argument '{argument}' of block '{blockName}'");
            arguments[argument] = given;
        }
        var inputs = NodeReader.ReadInputs(scope, node);
        var formal = reading.Sequence(YamlReading.Find(block, "inputs") ?? new YamlSequenceNode(), "inputs").Select(i => reading.Text(i, "an input")).ToList();
        if (YamlReading.Find(node, "scan") is { } scan)
        {
            var results = AddScan(name, node, reading.Mapping(scan, "scan"), reading, blockName, block, new YamlReading(_text, arguments, _symbols), inputs, formal);
            _open.Remove(blockName);
            scope.BlockOutputs[name[scope.Prefix.Length..]] = [.. reading.Sequence(reading.Require(block, "outputs", $"block '{blockName}'"), "outputs").Select(o => reading.Text(o, "an output"))];
            return results;
        }
        var repeat = YamlReading.Find(node, "repeat") is { } r ? reading.Integer(r, "repeat") : 1;
        if (repeat < 1) throw reading.Fault(node, "VKN1006", $"repeat must be at least 1, not {repeat}");
        if (repeat > Limits.MaximumGraphNodes) throw reading.Fault(node, "VKN1003", $"repeat {repeat} makes more than {Limits.MaximumGraphNodes} nodes");
        var blockReading = new YamlReading(_text, arguments, _symbols);
        for (var turn = 0; turn < repeat; turn++)
        {
            if (inputs.Count != formal.Count) throw reading.Fault(node, "VKN1109", $"block '{blockName}' takes {formal.Count} inputs ({string.Join(", ", formal)}), but {inputs.Count} are given{(turn > 0 ? " by its own outputs, which repeat feeds back" : "")}");
            var inner = new GraphScope(repeat > 1 ? $"{name}.{turn}." : $"{name}.", blockReading, Top);
            for (var i = 0; i < formal.Count; i++) inner.Values[formal[i]] = [inputs[i] ?? throw reading.Fault(node, "VKN1109", $"block '{blockName}' needs its input '{formal[i]}'")];
            AddNodes(inner, blockReading.Require(block, "nodes", $"block '{blockName}'"));
            inputs = [.. blockReading.Sequence(blockReading.Require(block, "outputs", $"block '{blockName}'"), "outputs").Select(o => inner.Reference(o))];
        }
        _open.Remove(blockName);
        scope.BlockOutputs[name[scope.Prefix.Length..]] = [.. blockReading.Sequence(blockReading.Require(block, "outputs", $"block '{blockName}'"), "outputs").Select(o => blockReading.Text(o, "an output"))];
        return [.. inputs.Select(i => i!)];
    }

    // The block is the body of a region that is run for every step of an axis. Its first inputs and outputs are the states.
    private IReadOnlyList<Value> AddScan(string name, YamlMappingNode node, YamlMappingNode scan, YamlReading reading, string blockName, YamlMappingNode block, YamlReading blockReading, IReadOnlyList<Value?> inputs, List<string> formal)
    {
        reading.CheckKeys(scan, "scan", ["states", "axis", "reverse"]);
        if (YamlReading.Find(node, "repeat") is { } repeat) throw reading.Fault(repeat, "VKN1102", "'repeat' and 'scan' cannot both be given");
        var states = (int)(YamlReading.Find(scan, "states") is { } count ? reading.Integer(count, "states") : 0);
        var axis = YamlReading.Find(scan, "axis") is { } along ? reading.Integer(along, "axis") : 1;
        var reversed = YamlReading.Find(scan, "reverse") is { } reverse && (reading.TryFlag(reverse) ?? throw reading.Fault(reverse, "VKN1002", "reverse must be true or false"));
        if (inputs.Count != formal.Count || inputs.Any(i => i is null)) throw reading.Fault(node, "VKN1109", $"block '{blockName}' takes {formal.Count} inputs ({string.Join(", ", formal)}), but {inputs.Count(i => i is not null)} are given");
        if (states < 0 || states >= inputs.Count) throw reading.Fault(node, "VKN1115", $"{inputs.Count} inputs are given, of which {states} are states", "a scan needs a sequence: the states come first, then the sequences");
        var sequences = inputs.Skip(states).Select(i => Turned(i!, axis, back: false)).ToList();
        var steps = sequences[0].Shape[0];
        var outputs = reading.Sequence(reading.Require(block, "outputs", $"block '{blockName}'"), "outputs").ToList();
        if (outputs.Count < states) throw reading.Fault(node, "VKN1115", $"block '{blockName}' has {outputs.Count} outputs, but {states} states", "the next states come first, then the results");
        var outer = _builder;
        var values = ScanRegion.Add(outer, [.. inputs.Take(states).Select(i => i!)], sequences, steps, reversed, (body, before, elements) =>
        {
            _builder = body;
            try
            {
                var inner = new GraphScope($"{name}.", blockReading, Top);
                for (var i = 0; i < formal.Count; i++) inner.Values[formal[i]] = [i < states ? before[i] : elements[i - states]];
                AddNodes(inner, blockReading.Require(block, "nodes", $"block '{blockName}'"));
                var results = outputs.Select(inner.Reference).ToList();
                return (results[..states], results[states..]);
            }
            finally
            {
                _builder = outer;
            }
        }, name, reading.At(node));
        return [.. values.Select((v, i) => i < states ? v : Turned(v, axis, back: true))];

        // The axis of the steps comes first inside the region.
        Value Turned(Value value, long where, bool back)
        {
            var rank = value.Shape.Rank;
            var place = (int)(where < 0 ? where + rank : where);
            if (place < 0 || place >= rank) throw reading.Fault(node, "VKN1115", $"axis {where} is outside {value.Type}", "scan runs along an axis of every sequence");
            if (place == 0) return value;
            var order = Enumerable.Range(0, rank).Select(a => (long)a).Where(a => a != (back ? 0 : place)).ToList();
            order.Insert(back ? place : 0, back ? 0 : place);
            return _builder.Apply("transpose", AttributeSet.Empty.With("permutation", order.ToArray()), value);
        }
    }

    private static void Define(GraphScope scope, string name, IReadOnlyList<Value> values, YamlNode? node = null)
    {
        if (!scope.Values.TryAdd(name, values))
            throw new VkNetException("VKN1105", $"the name '{name}' is assigned twice", "every name is assigned once", node is null ? null : scope.Reading.At(node));
    }

    private Value ReadParameter(string name, YamlNode node)
    {
        var reading = Top.Reading;
        var mapping = reading.Mapping(node, $"parameter '{name}'");
        reading.CheckKeys(mapping, $"parameter '{name}'", ["shape", "dtype", .. ParameterReader.Keys]);
        return _builder.Parameter(name, ReadType(mapping, $"parameter '{name}'"), ParameterReader.Read(reading, mapping, new ParameterOptions()), reading.At(node));
    }

    private Value ReadState(string name, YamlNode node)
    {
        var reading = Top.Reading;
        var mapping = reading.Mapping(node, $"state '{name}'");
        reading.CheckKeys(mapping, $"state '{name}'", ["shape", "dtype", "value", "next", "description"]);
        var initial = YamlReading.Find(mapping, "value") is null
            ? Tensor.Zeros(ReadType(mapping, $"state '{name}'"))
            : LiteralTensor.Read(reading, name, mapping);
        return _builder.State(name, initial, reading.At(node));
    }

    private TensorType ReadType(YamlMappingNode mapping, string what)
    {
        var reading = Top.Reading;
        var shape = reading.Require(mapping, "shape", what);
        return CheckedType(new TensorType(GraphFile.ReadDataType(reading, mapping), new Shape([.. reading.Sequence(shape, "shape").Select(d => reading.Integer(d, "a size"))])), reading.At(shape));
    }

    private void ReadOutputs()
    {
        var reading = Top.Reading;
        var node = reading.Require(_text.Root, "outputs", "the graph file");
        if (node is YamlMappingNode)
            foreach (var (name, _, value) in reading.Entries(node, "outputs")) _builder.Output(name, Top.Reference(value));
        else
            foreach (var value in reading.Sequence(node, "outputs")) _builder.Output(reading.Text(value, "an output"), Top.Reference(value));
    }

    // A small file can declare a tensor that no memory holds: refused before anything is allocated.
    private static TensorType CheckedType(TensorType type, SourceLocation? location) =>
        type.Shape.ElementCount <= Limits.MaximumTensorBytes / 4 ? type
            : throw new VkNetException("VKN2013", $"a tensor {type} takes {type.Shape.ElementCount * 4.0 / (1 << 30):F1} GiB; at most {Limits.MaximumTensorBytes / 1073741824.0:F1} GiB are allowed", "the cap can be raised in VkNet.Limits", location);
}
