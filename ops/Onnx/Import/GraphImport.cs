using VkNet.Graphs;
using VkNet.Onnx.Wire;
using VkNet.Operators.Import;

namespace VkNet.Onnx.Import;

/// <summary>Builds one graph: walks the nodes, calls the operators' import rules and inlines functions and the sub-graphs that rules enter.</summary>
internal sealed class GraphImport(ModelContent model, GraphBuilder builder)
{
    // Where nodes go: the graph's builder, or that of a region's body while it is written.
    private GraphBuilder _builder = builder;
    private int _imported;

    /// <summary>Imports the nodes of a body and returns its outputs.</summary>
    public IReadOnlyList<Value> Run(Body body, Scope scope, Frame frame)
    {
        foreach (var node in body.Nodes)
        {
            // Functions that call functions can stand for more nodes than any memory holds.
            if (++_imported > Limits.MaximumGraphNodes)
                model.Source.Fail("VKN3015", $"the model has more than {Limits.MaximumGraphNodes} nodes when its functions and loops are written out", "a program can raise the cap in VkNet.Limits");
            Import(node, scope, frame);
        }
        return [.. body.Outputs.Select(name => scope.Find(name) ?? throw Undefined(name, body.What))];
    }

    private void Import(NodeProto node, Scope scope, Frame frame)
    {
        var name = frame.Prefix + NodeNames.Of(node);
        var inputs = node.Input.Select(i => i == "" || scope.IsOmitted(i) ? null : scope.Find(i) ?? throw Undefined(i, $"{node.OpType} '{name}'")).ToList();
        var attributes = AttributeReader.Read(node, scope, frame, model.Source);
        var before = _builder.Nodes.Count;
        var results = model.Functions.Find(node) is { } function
            ? Call(function, name, inputs, attributes, frame)
            : Translate(node, name, inputs, attributes, scope, frame);
        for (var i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i] == "") continue;
            if (i >= results.Count) model.Source.Fail("VKN3021", $"{node.OpType} '{name}' has {results.Count} outputs here, but the model takes output {i} as '{node.Output[i]}'");
            scope.Assign(node.Output[i], results[i]);
            if (frame.Calls.Count == 0) KeepName(results[i], node.Output[i], before);
        }
    }

    private IReadOnlyList<Value> Translate(NodeProto node, string name, IReadOnlyList<Value?> inputs, Dictionary<string, object> attributes, Scope scope, Frame frame)
    {
        var domain = Opsets.Normalize(node.Domain);
        var opset = frame.Opsets.Version(domain);
        var rule = model.Rules.Find(domain, node.OpType, opset) ?? throw model.Source.Fault("VKN3020", $"{node.OpType} '{name}' (opset {opset}) is not known");
        var importNode = new ImportNode(node.OpType, domain, opset, name, inputs, [.. node.Output], attributes, _builder, model.Source.Location)
        {
            FindValue = scope.Find,
            InlineBody = (body, values) => Inline(ClosureOf(body), values, name),
            WriteBody = (body, target, values) => Write(ClosureOf(body), target, values, name),
        };
        Closure ClosureOf(object body) => body as Closure ?? throw model.Source.Fault("VKN3102", $"{node.OpType} '{name}': a graph is expected where its attribute holds {body.GetType().Name}");

        try
        {
            return rule.Translate(importNode);
        }
        catch (Exception e) when (e is not (VkNetException or OutOfMemoryException))
        {
            // Rules check what the specification lets models do; for what it does not, the file is to blame, and must not end the program.
            throw model.Source.Fault("VKN3022", $"{node.OpType} '{name}' cannot be imported: {e.Message}", "its inputs or attributes are not what the ONNX specification allows", e);
        }
    }

    private IReadOnlyList<Value> Write(Closure closure, GraphBuilder target, IReadOnlyList<Value> inputs, string name)
    {
        var outer = _builder;
        _builder = target;
        try
        {
            return Inline(closure, inputs, name);
        }
        finally
        {
            _builder = outer;
        }
    }

    private IReadOnlyList<Value> Call(Function function, string name, IReadOnlyList<Value?> inputs, Dictionary<string, object> attributes, Frame frame)
    {
        if (frame.Calls.Contains(function))
            model.Source.Fail("VKN3014", $"function '{function.Name}' calls itself: {string.Join(" -> ", frame.Calls.Reverse().SkipWhile(f => f != function).Append(function).Select(f => f.Name))}");
        if (frame.Calls.Count >= MissingOperators.DeepestCall)
            model.Source.Fail("VKN3014", $"functions call each other more than {MissingOperators.DeepestCall} deep, down to '{function.Name}'");
        if (inputs.Count > function.Body.Inputs.Count)
            model.Source.Fail("VKN3017", $"'{name}' gives {inputs.Count} inputs to function '{function.Name}', which has {function.Body.Inputs.Count}");
        var scope = new Scope(function.Body, null, _builder, model.Source.Location);
        for (var i = 0; i < function.Body.Inputs.Count; i++)
            if (i < inputs.Count && inputs[i] is { } value) scope.Assign(function.Body.Inputs[i], value);
            else scope.Omit(function.Body.Inputs[i]);
        foreach (var formal in function.Definition.AttributeProto)
            if (!attributes.ContainsKey(formal.Name) && AttributeReader.Read(formal, scope, frame, model.Source, $"attribute '{formal.Name}' of function '{function.Name}'") is { } value)
                attributes[formal.Name] = value;
        return Run(function.Body, scope, new Frame(function.Opsets, attributes, name + "/", [function, .. frame.Calls]));
    }

    private IReadOnlyList<Value> Inline(Closure closure, IReadOnlyList<Value> inputs, string name)
    {
        var body = model.Bodies.Get(closure.Graph);
        if (inputs.Count != body.Inputs.Count)
            model.Source.Fail("VKN3017", $"'{name}' gives {inputs.Count} inputs to {body.What}, which has {body.Inputs.Count}");
        MissingOperators.Check(model, body, closure.Frame.Opsets);
        var scope = new Scope(body, closure.Scope, _builder, model.Source.Location);
        for (var i = 0; i < inputs.Count; i++) scope.Assign(body.Inputs[i], inputs[i]);
        return Run(body, scope, closure.Frame with { Prefix = name + "/" });
    }

    // What the model calls a value is what users should see; names of values that existed before stay.
    private void KeepName(Value value, string name, int firstNode)
    {
        if (_builder.Find(name) is not null) return;
        for (var i = _builder.Nodes.Count - 1; i >= firstNode; i--)
        {
            if (!ReferenceEquals(_builder.Nodes[i], value.Producer)) continue;
            _builder.Rename(value, name);
            return;
        }
    }

    private VkNetException Undefined(string name, string user) =>
        model.Source.Fault("VKN3007", $"{user} uses '{name}', which nothing assigns");
}
