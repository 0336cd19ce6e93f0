using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Rebuilds a graph node by node, with values replaced by their new selves.</summary>
internal sealed class GraphRewriter(Graph graph)
{
    private readonly NumberTable<Value> _map = new();
    private readonly List<Node> _nodes = new(graph.Nodes.Count);

    /// <summary>The operators that passes may emit.</summary>
    internal OperatorRegistry Registry => graph.Registry;

    /// <summary>The value that stands for an old one.</summary>
    internal Value Map(Value value) => _map[value.Number] ?? value;

    /// <summary>Makes a new value stand for an old one from here on.</summary>
    internal void Replace(Value old, Value value) => _map[old.Number] = value;

    /// <summary>Copies a node with its inputs replaced.</summary>
    internal void Keep(Node node)
    {
        Value?[]? inputs = null;
        for (var i = 0; i < node.Inputs.Count; i++)
            if (node.Inputs[i] is { } input && _map.TryGet(input.Number, out var value)) (inputs ??= [.. node.Inputs])[i] = value;
        if (inputs is null) _nodes.Add(node);
        else Add(node, inputs);
    }

    /// <summary>Adds a copy of a node with other inputs and returns it; its outputs stand for the old ones.</summary>
    internal Node Add(Node node, IReadOnlyList<Value?> inputs, Func<Value, Layout>? layout = null)
    {
        var outputs = new Value[node.Outputs.Count];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = NewValue(node.Outputs[i], layout?.Invoke(node.Outputs[i]) ?? node.Outputs[i].Layout);
        var copy = new Node(node.Operator, node.Attributes, inputs, outputs, node.Name, node.Location)
        {
            Epilogue = node.Epilogue,
            Prologue = node.Prologue,
            EpilogueStart = node.EpilogueStart,
            FusedNames = node.FusedNames,
        };
        _nodes.Add(copy);
        return copy;
    }

    /// <summary>Adds a copy of a node with other attributes and inputs; its outputs stand for the old ones.</summary>
    internal Node AddWith(Node node, AttributeSet attributes, IReadOnlyList<Value?> inputs)
    {
        var copy = new Node(node.Operator, attributes, inputs, [.. node.Outputs.Select(o => NewValue(o, o.Layout))], node.Name, node.Location) { FusedNames = node.FusedNames };
        _nodes.Add(copy);
        return copy;
    }

    /// <summary>Adds a new node.</summary>
    internal Node Insert(Operator @operator, AttributeSet attributes, IReadOnlyList<Value?> inputs, string name, Layout layout, IReadOnlyList<string>? fused = null)
    {
        var types = @operator.Infer(new InferenceContext(@operator, attributes, inputs, name, null));
        var outputs = types.Select((t, i) => new Value(i == 0 ? name : $"{name}:{i}", t, ValueKind.Result) { Layout = layout }).ToArray();
        var node = new Node(@operator, attributes, inputs, outputs, name, null) { FusedNames = fused ?? [] };
        _nodes.Add(node);
        return node;
    }

    /// <summary>Adds a node that computes the same again; its output stands for the old one's from here on.</summary>
    internal void Repeat(Node node, string name)
    {
        var output = node.Outputs[0];
        var copy = new Value(name, output.Type, output.Kind) { Layout = output.Layout };
        _nodes.Add(new Node(node.Operator, node.Attributes, [.. node.Inputs.Select(i => i is null ? null : Map(i))], [copy], name, node.Location)
        {
            Epilogue = node.Epilogue,
            Prologue = node.Prologue,
            EpilogueStart = node.EpilogueStart,
            FusedNames = node.FusedNames,
        });
        _map[output.Number] = copy;
    }

    /// <summary>Adds a pointwise node that reads what a movement of its inputs reads, and then that movement; the movement's output stands for the node's.</summary>
    internal void Exchange(Node node, Node movement)
    {
        var inputs = node.Inputs.Select(i => i is null ? null : Map(i)).Select(i => i?.Producer is { } p && p.Operator == movement.Operator && i.Shape == node.Outputs[0].Shape ? p.Inputs[0] : i).ToList();
        var output = node.Outputs[0];
        var moved = new Value($"{node.Name}/unmoved", output.Type with { Shape = movement.Inputs[0]!.Shape }, output.Kind);
        _nodes.Add(new Node(node.Operator, node.Attributes, inputs, [moved], node.Name, node.Location) { FusedNames = node.FusedNames });
        _nodes.Add(new Node(movement.Operator, movement.Attributes, [moved], [NewValue(output, output.Layout)], $"{node.Name}/moved", movement.Location) { FusedNames = Names(movement) });
    }

    /// <summary>Adds one node in place of several: the first computes, the rest are its epilogue.</summary>
    internal void Fuse(IReadOnlyList<Node> members, PointwiseProgram program, IReadOnlyList<Value> operands)
    {
        var (root, last) = (members[0], members[^1].Outputs[0]);
        var output = NewValue(last, last.Layout);
        var inputs = root.Inputs.Concat(operands).Select(i => i is null ? null : Map(i)).ToList();
        _nodes.Add(new Node(root.Operator, root.Attributes, inputs, [output], root.Name, root.Location)
        {
            Epilogue = program,
            EpilogueStart = root.Inputs.Count,
            FusedNames = [.. members.SelectMany(Names)],
        });
    }

    /// <summary>Adds a node that applies a program to what it reads, in place of a pointwise node in front of it.</summary>
    /// <param name="node">The node; its further inputs stay.</param>
    /// <param name="functions">The pointwise node.</param>
    /// <param name="program">What it computes.</param>
    /// <param name="inputs">The new input 0, then the program's operands.</param>
    internal void Prepend(Node node, Node functions, PointwiseProgram program, IReadOnlyList<Value> inputs)
    {
        var mapped = new Value?[node.Inputs.Count + inputs.Count - 1];
        for (var i = 0; i < mapped.Length; i++)
            mapped[i] = (i == 0 ? inputs[0] : i < node.Inputs.Count ? node.Inputs[i] : inputs[i - node.Inputs.Count + 1]) is { } input ? Map(input) : null;
        var outputs = new Value[node.Outputs.Count];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = NewValue(node.Outputs[i], node.Outputs[i].Layout);
        _nodes.Add(new Node(node.Operator, node.Attributes, mapped, outputs, node.Name, node.Location)
        {
            Prologue = program,
            EpilogueStart = node.Inputs.Count,
            FusedNames = [.. Names(functions), .. Names(node)],
        });
    }

    /// <summary>Adds a node that computes one of its inputs as it reads it, in place of the node that did.</summary>
    /// <param name="node">The node.</param>
    /// <param name="functions">The node that made the input.</param>
    /// <param name="attributes">The node's new attributes.</param>
    /// <param name="inputs">Its new inputs, then the program's operands.</param>
    /// <param name="program">What is computed.</param>
    internal void ReadThrough(Node node, Node functions, AttributeSet attributes, IReadOnlyList<Value?> inputs, PointwiseProgram program) =>
        _nodes.Add(new Node(node.Operator, attributes, [.. inputs.Select(i => i is null ? null : Map(i))], [.. node.Outputs.Select(o => NewValue(o, o.Layout))], node.Name, node.Location)
        {
            Prologue = program,
            EpilogueStart = node.OperatorInputCount,
            FusedNames = [.. Names(functions), .. Names(node)],
        });

    /// <summary>Adds a node with other inputs that also does what its only user did: it gives the user's output.</summary>
    internal void Merge(Node node, Node user, IReadOnlyList<Value?> inputs) =>
        _nodes.Add(new Node(node.Operator, node.Attributes, inputs, [NewValue(user.Outputs[0], user.Outputs[0].Layout)], node.Name, node.Location) { FusedNames = [.. Names(node), .. Names(user)] });

    /// <summary>Adds a copy of a node with other inputs that also does what nodes beside it did.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Its new inputs.</param>
    /// <param name="user">The only user of output 0, whose output the copy gives; null where its own outputs stay.</param>
    /// <param name="names">The original nodes that it stands for.</param>
    internal void Absorb(Node node, IReadOnlyList<Value?> inputs, Node? user, IReadOnlyList<string> names) =>
        _nodes.Add(new Node(node.Operator, node.Attributes, inputs, [.. (user ?? node).Outputs.Select(o => NewValue(o, o.Layout))], node.Name, node.Location)
        {
            Epilogue = node.Epilogue,
            Prologue = node.Prologue,
            EpilogueStart = node.EpilogueStart,
            FusedNames = names,
        });

    /// <summary>Adds a node that computes what several did, the last of which it takes its name from; its outputs stand for theirs.</summary>
    internal void Merge(Node last, MergedCall call) =>
        _nodes.Add(new Node(graph.Registry.Get(call.Operator), call.Attributes, [.. call.Inputs.Select(i => i is null ? null : Map(i))], [.. call.Nodes.Select(n => NewValue(n.Outputs[0], n.Outputs[0].Layout))], last.Name, last.Location)
        {
            FusedNames = [.. call.Nodes.SelectMany(Names)],
        });

    /// <summary>The graph as rebuilt.</summary>
    internal Graph Finish() => new(graph.Registry, graph.Name, graph.Inputs, graph.RunValues, graph.Parameters,
        [.. graph.States.Select(s => new StatePair(s.Input, Map(s.Output)))], _nodes,
        [.. graph.Outputs.Select(o => new KeyValuePair<string, Value>(o.Key, Map(o.Value)))], graph.BoundValues, graph.Extents);

    /// <summary>The original nodes that a node stands for.</summary>
    internal static IReadOnlyList<string> Names(Node node) => node.FusedNames.Count > 0 ? node.FusedNames : [node.Name];

    private Value NewValue(Value old, Layout layout)
    {
        var value = new Value(old.Name, old.Type, old.Kind) { Layout = layout };
        _map[old.Number] = value;
        return value;
    }
}
