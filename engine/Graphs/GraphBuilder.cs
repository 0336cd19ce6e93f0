using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// Builds a graph node by node. Shapes are inferred at once, so a mistake is reported where it is made; nodes whose inputs are all small
/// constants are computed at once on the host, so that shape arithmetic leaves no nodes behind.
/// </summary>
public sealed class GraphBuilder
{
    /// <summary>Largest tensor (elements) computed at once while building; larger constant sub-graphs are left to the compiler.</summary>
    public const long EagerFoldLimit = 4096;

    private readonly List<Value> _inputs = [];
    private readonly List<Value> _runValues = [];
    private readonly List<Value> _parameters = [];
    private readonly List<Value> _stateInputs = [];
    private readonly Dictionary<Value, Value> _stateOutputs = [];
    private readonly List<Node> _nodes = [];
    private readonly List<KeyValuePair<string, Value>> _outputs = [];
    private readonly Dictionary<string, Value> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _boundValues = new(StringComparer.Ordinal);
    private readonly string _name;

    /// <summary>Starts an empty graph.</summary>
    /// <param name="registry">The operators that may be used by name.</param>
    /// <param name="name">The graph's name.</param>
    /// <param name="bindings">Values of value-bound inputs; null when there are none.</param>
    public GraphBuilder(OperatorRegistry registry, string name = "graph", Bindings? bindings = null)
    {
        Registry = registry;
        _name = name;
        Bindings = bindings ?? Bindings.Empty;
    }

    /// <summary>Continues an existing graph: its values stay valid and more nodes and outputs can be added.</summary>
    public GraphBuilder(OperatorRegistry registry, Graph graph)
        : this(registry, graph.Name, new Bindings { Symbols = graph.Symbols })
    {
        _inputs.AddRange(graph.Inputs);
        _runValues.AddRange(graph.RunValues);
        _parameters.AddRange(graph.Parameters);
        foreach (var state in graph.States)
        {
            _stateInputs.Add(state.Input);
            _stateOutputs[state.Input] = state.Output;
        }
        _nodes.AddRange(graph.Nodes);
        _outputs.AddRange(graph.Outputs);
        foreach (var (name, tensor) in graph.BoundValues) _boundValues[name] = tensor;
        foreach (var value in _inputs.Concat(_runValues).Concat(_parameters).Concat(_stateInputs).Concat(_nodes.SelectMany(n => n.Outputs).Concat(_nodes.SelectMany(n => n.Inputs).OfType<Value>())))
            _names[value.Name] = value;
    }

    /// <summary>The operators that may be used by name.</summary>
    public OperatorRegistry Registry { get; }

    /// <summary>What the graph is being built for.</summary>
    public Bindings Bindings { get; }

    /// <summary>The nodes so far.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The carried tensors, and the parameters that have been given a next value, so far.</summary>
    internal IReadOnlyList<Value> CarriedValues => _stateInputs;

    /// <summary>Declares an input fed on every run. When the bindings give it a value, that constant is returned instead.</summary>
    public Value Input(string name, TensorType type, SourceLocation? location = null)
    {
        if (Bindings.Values.TryGetValue(name, out var tensor))
        {
            if (tensor.Type != type) throw new VkNetException("VKN2004", $"input '{name}' is {type}, but the value given is {tensor.Type}", null, location);
            _boundValues[name] = tensor;
            return Add(new Value(name, type, ValueKind.Constant) { Data = tensor }, location);
        }
        var value = Add(new Value(name, type, ValueKind.Input), location);
        _inputs.Add(value);
        return value;
    }

    /// <summary>Declares a scalar of the run block: it changes from run to run without being data.</summary>
    public Value RunValue(string name, DataType dataType)
    {
        var value = Add(new Value(name, new TensorType(dataType, Shape.Scalar), ValueKind.RunValue), null);
        _runValues.Add(value);
        return value;
    }

    /// <summary>Declares a parameter.</summary>
    public Value Parameter(string name, TensorType type, ParameterOptions? options = null, SourceLocation? location = null)
    {
        var value = Add(new Value(name, type, ValueKind.Parameter) { Parameter = options ?? new ParameterOptions() }, location);
        _parameters.Add(value);
        return value;
    }

    /// <summary>Declares a carried tensor and returns its value at the start of a run; give its next value with <see cref="SetState"/>.</summary>
    public Value State(string name, Tensor initial, SourceLocation? location = null)
    {
        var value = Add(new Value(name, initial.Type, ValueKind.State) { Data = initial }, location);
        _stateInputs.Add(value);
        return value;
    }

    /// <summary>Sets the value that a carried tensor (or, in training, a parameter) takes at the end of a run.</summary>
    public void SetState(Value state, Value next)
    {
        if (state.Kind is not (ValueKind.State or ValueKind.Parameter)) throw new ArgumentException($"'{state.Name}' is no state", nameof(state));
        if (state.Type != next.Type)
            throw new VkNetException("VKN2005", $"state '{state.Name}' is {state.Type}, but its next value is {next.Type}", "both must be of one type, because they share one place in memory");
        if (next.Extent is not null) ConstantRequirement.Require(next, $"the size of '{next.Name}', the next value of state '{state.Name}',");
        if (state.Kind == ValueKind.Parameter && !_stateOutputs.ContainsKey(state)) _stateInputs.Add(state);
        _stateOutputs[state] = next;
    }

    /// <summary>A constant tensor.</summary>
    public Value Constant(Tensor data, string? name = null, SourceLocation? location = null) =>
        Add(new Value(name ?? Fresh("constant"), data.Type, ValueKind.Constant) { Data = data }, location);

    /// <summary>A float32 scalar constant.</summary>
    public Value Constant(float value) => Constant(Tensor.Scalar(value));

    /// <summary>Adds a node of one output by operator name.</summary>
    public Value Apply(string operatorName, AttributeSet? attributes, params ReadOnlySpan<Value?> inputs) =>
        Add(Registry.Get(operatorName), attributes ?? AttributeSet.Empty, inputs.ToArray())[0];

    /// <summary>Adds a node.</summary>
    /// <param name="operator">What it computes.</param>
    /// <param name="attributes">Attribute values.</param>
    /// <param name="inputs">Inputs in the operator's order; null where an optional one is absent.</param>
    /// <param name="name">The node's and its first output's name; made up when null.</param>
    /// <param name="location">Where it was written, for diagnostics.</param>
    /// <returns>The outputs.</returns>
    /// <exception cref="VkNetException">VKN2xxx: something does not fit.</exception>
    public IReadOnlyList<Value> Add(Operator @operator, AttributeSet attributes, IReadOnlyList<Value?> inputs, string? name = null, SourceLocation? location = null)
    {
        name ??= Fresh(@operator.Name);
        CheckInputs(@operator, inputs, name, location);
        CheckAttributes(@operator, attributes, name, location);
        try
        {
            return AddChecked(@operator, attributes, inputs, name, location);
        }
        catch (OverflowException)
        {
            // Sizes are computed in checked arithmetic; what overflows has no memory that could hold it.
            throw new VkNetException("VKN2013", $"{@operator.Name} '{name}': its sizes overflow", "check its attributes for numbers that are far too large", location);
        }
    }

    private Value[] AddChecked(Operator @operator, AttributeSet attributes, IReadOnlyList<Value?> inputs, string name, SourceLocation? location)
    {
        var types = @operator.Infer(new InferenceContext(@operator, attributes, inputs, name, location));
        if (TryFold(@operator, attributes, inputs, types) is { } tensors)
            return [.. Trimmed(@operator, attributes, inputs, tensors).Select((t, i) => Add(new Value(OutputName(@operator, name, i), t.Type, ValueKind.Constant) { Data = t }, location))];
        if (@operator.Decompose(new DecompositionContext(this, attributes, inputs, name, location)) is { } parts) return Named(@operator, inputs, parts, name, location);
        var outputs = types.Select((t, i) => Add(new Value(OutputName(@operator, name, i), t, ValueKind.Result), location)).ToArray();
        var node = new Node(@operator, attributes, inputs, outputs, name, location);
        SetExtents(node);
        _nodes.Add(node);
        return outputs;
    }

    /// <summary>Names a result of the graph. One whose size depends on data is followed by its count, named as <see cref="Graph.CountName"/> says.</summary>
    public void Output(string name, Value value)
    {
        if (_outputs.Any(o => o.Key == name)) throw new VkNetException("VKN1106", $"the output '{name}' is named twice");
        _outputs.Add(new(name, value));
    }

    /// <summary>A name not taken yet, beginning with <paramref name="stem"/>.</summary>
    public string Fresh(string stem)
    {
        while (true)
        {
            var number = _counters[stem] = _counters.GetValueOrDefault(stem) + 1;
            var name = $"{stem}.{number}";
            if (!_names.ContainsKey(name)) return name;
        }
    }

    /// <summary>Gives a value another name, so that what a model calls it is what users see.</summary>
    /// <exception cref="VkNetException">VKN1105: the name is taken.</exception>
    public void Rename(Value value, string name)
    {
        if (value.Name == name) return;
        RequireFree(name, value.Producer?.Location);
        _names.Remove(value.Name);
        value.Name = name;
        _names[name] = value;
    }

    /// <summary>The value of that name, or null.</summary>
    public Value? Find(string name) => _names.GetValueOrDefault(name);

    /// <summary>Finishes the graph.</summary>
    /// <exception cref="VkNetException">VKN2006: a state was declared without a next value.</exception>
    public Graph Build()
    {
        var states = _stateInputs.Select(s => new StatePair(s, _stateOutputs.TryGetValue(s, out var next)
            ? next
            : throw new VkNetException("VKN2006", $"state '{s.Name}' has no next value", "name the value it takes at the end of a run"))).ToList();
        var extents = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, value) in _outputs.ToArray())
        {
            if (value.Extent is not { } extent) continue;
            extents[name] = extent.Axis;
            if (_outputs.All(o => o.Key != Graph.CountName(name))) Output(Graph.CountName(name), extent.Count);
        }
        return new Graph(Registry, _name, [.. _inputs], [.. _runValues], [.. _parameters], states, [.. _nodes], [.. _outputs], _boundValues, extents) { Symbols = Bindings.Symbols };
    }

    // A consumer that must know a size gets it from the values of small inputs, if they decide it, or says what it lacks.
    private static void SetExtents(Node node)
    {
        if (node.Operator.Extents(node) is not { } extents)
        {
            var bounded = node.Inputs.First(i => i?.Extent is not null)!;
            ConstantRequirement.Require(bounded, $"the size of '{bounded.Name}', which {node.Operator.Name} '{node.Name}' must know,", node.Location);
            return;
        }
        for (var i = 0; i < extents.Count; i++) node.Outputs[i].Extent = extents[i];
    }

    // Of constants the sizes are known.
    private static IEnumerable<Tensor> Trimmed(Operator @operator, AttributeSet attributes, IReadOnlyList<Value?> inputs, IReadOnlyList<Tensor> tensors)
    {
        var node = new Node(@operator, attributes, inputs, [.. tensors.Select((t, i) => new Value($"{i}", t.Type, ValueKind.Result))], "folded", null);
        var extents = @operator.Extents(node) ?? [];
        return tensors.Select((t, i) => i < extents.Count && extents[i] is { } extent ? t.Take(extent.Axis, ElementConversion.LoadIntegers(tensors[extent.Count.OutputIndex])[0]) : t);
    }

    // What an operator was taken apart into bears the names that its outputs would have.
    private Value[] Named(Operator @operator, IReadOnlyList<Value?> inputs, IReadOnlyList<Value> parts, string name, SourceLocation? location)
    {
        var outputs = new Value[parts.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var isOwn = parts[i].Kind == ValueKind.Result && !parts.Take(i).Contains(parts[i]) && !inputs.Contains(parts[i]);
            outputs[i] = isOwn ? parts[i] : Add(Registry.Get("identity"), AttributeSet.Empty, [parts[i]], OutputName(@operator, name, i), location)[0];
            if (isOwn) Rename(parts[i], OutputName(@operator, name, i));
        }
        return outputs;
    }

    private static string OutputName(Operator @operator, string node, int index) =>
        index == 0 ? node : $"{node}:{@operator.OutputName(index)}";

    private static void CheckInputs(Operator @operator, IReadOnlyList<Value?> inputs, string name, SourceLocation? location)
    {
        var definitions = @operator.Inputs;
        if (inputs.Count > definitions.Count && !(definitions.Count > 0 && definitions[^1].Variadic))
            throw new VkNetException("VKN2104", $"{@operator.Name} '{name}' takes at most {definitions.Count} inputs ({string.Join(", ", definitions.Select(d => d.Name))}), but {inputs.Count} are given", null, location);
        for (var i = 0; i < definitions.Count; i++)
            if (!definitions[i].Optional && (i >= inputs.Count || inputs[i] is null) && !(definitions[i].Variadic && inputs.Count > 0))
                throw new VkNetException("VKN2105", $"{@operator.Name} '{name}' lacks its input '{definitions[i].Name}'", $"{definitions[i].Name}: {definitions[i].Summary}", location);
    }

    private static void CheckAttributes(Operator @operator, AttributeSet attributes, string name, SourceLocation? location)
    {
        foreach (var definition in @operator.Attributes)
            if (definition.Required && !attributes.Has(definition))
                throw new VkNetException("VKN2106", $"{@operator.Name} '{name}' lacks its attribute '{definition.Name}'", definition.Summary, location);
    }

    /// <summary>The results, computed at once, where all inputs are small constants; null otherwise.</summary>
    internal static IReadOnlyList<Tensor>? TryFold(Operator @operator, AttributeSet attributes, IReadOnlyList<Value?> inputs, IReadOnlyList<TensorType> types)
    {
        if (!@operator.IsFoldable || (inputs.Count == 0 && !@operator.IsConstantSource)) return null;
        foreach (var input in inputs)
            if (input is not null && (input.Constant is null || input.Shape.ElementCount > EagerFoldLimit)) return null;
        foreach (var type in types)
            if (type.Shape.ElementCount > EagerFoldLimit) return null;
        return HostEvaluator.Evaluate(@operator, attributes, [.. inputs.Select(i => i?.Constant)], types);
    }

    private Value Add(Value value, SourceLocation? location)
    {
        RequireFree(value.Name, location);
        _names[value.Name] = value;
        return value;
    }

    private void RequireFree(string name, SourceLocation? location)
    {
        if (_names.TryGetValue(name, out var taken))
            throw new VkNetException("VKN1105", $"the name '{name}' is assigned twice", $"it already stands for {taken.Type}; every name is assigned once", location);
    }
}
