using VkNet.Onnx.Reading;
using VkNet.Onnx.Rules;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>
/// A graph or a function of the model, checked and put in order once: names are assigned once, and the nodes that its outputs need
/// stand so that every value is computed before it is used, as near to the file's order as that allows.
/// </summary>
internal sealed class Body
{
    private Body(string what, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, TensorSource> initializers, IReadOnlyList<NodeProto> nodes, IReadOnlySet<string> freeNames)
    {
        What = what;
        Inputs = inputs;
        Outputs = outputs;
        Initializers = initializers;
        Nodes = nodes;
        FreeNames = freeNames;
    }

    /// <summary>How messages call it: <c>graph 'main'</c>.</summary>
    public string What { get; }

    /// <summary>Names of what is given from outside, in order; inputs with an initializer are not among them.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>Names of the results.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Constant tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorSource> Initializers { get; }

    /// <summary>The nodes that the outputs need, in order.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>Names used here, or in sub-graphs of nodes here, that an enclosing graph must assign.</summary>
    public IReadOnlySet<string> FreeNames { get; }

    /// <summary>Prepares a graph. Its initializers move out of the message, so that their bytes can be let go once read.</summary>
    /// <exception cref="VkNetException">VKN3006: a name is assigned twice; VKN3008: values depend on each other in a circle.</exception>
    public static Body Of(GraphProto graph, BodyCache cache, ModelSource source)
    {
        var what = graph.Name == "" ? "the graph" : $"graph '{graph.Name}'";
        var initializers = new Dictionary<string, TensorSource>(StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer) AddInitializer(tensor.Name, new TensorSource(tensor, source));
        foreach (var tensor in graph.SparseInitializer) AddInitializer(tensor.Values?.Name ?? "", new TensorSource(tensor, source));
        var names = new HashSet<string>(initializers.Keys, StringComparer.Ordinal);
        var inputs = new List<string>();
        foreach (var input in graph.Input)
        {
            // Until format version 4 every initializer had to be listed as an input, too.
            if (initializers.ContainsKey(input.Name)) continue;
            if (!names.Add(input.Name)) throw Twice(source, what, input.Name);
            inputs.Add(input.Name);
        }
        graph.Initializer.Clear();
        graph.SparseInitializer.Clear();
        return Prepare(what, inputs, [.. graph.Output.Select(o => o.Name)], initializers, names, graph.Node, cache, source);

        void AddInitializer(string name, TensorSource tensor)
        {
            if (!initializers.TryAdd(name, tensor)) throw Twice(source, what, name);
        }
    }

    /// <summary>Prepares a function.</summary>
    /// <exception cref="VkNetException">VKN3006, VKN3008 as for graphs; VKN3007: a name is used that nothing assigns.</exception>
    public static Body Of(FunctionProto function, BodyCache cache, ModelSource source)
    {
        var what = $"function '{function.Domain}.{function.Name}'";
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in function.Input)
            if (!names.Add(input)) throw Twice(source, what, input);
        var body = Prepare(what, [.. function.Input], [.. function.Output], new Dictionary<string, TensorSource>(), names, function.Node, cache, source);
        body.RequireClosed(source);
        return body;
    }

    /// <summary>Refuses a body that uses names which nothing assigns.</summary>
    /// <exception cref="VkNetException">VKN3007.</exception>
    public void RequireClosed(ModelSource source)
    {
        if (FreeNames.Count == 0) return;
        var missing = FreeNames.Order(StringComparer.Ordinal).ToList();
        var user = Nodes.FirstOrDefault(n => n.Input.Contains(missing[0]));
        source.Fail("VKN3007", $"{What} uses '{missing[0]}'{(user is null ? "" : $" in {user.OpType} '{NodeNames.Of(user)}'")}, which nothing assigns{(missing.Count > 1 ? $" ({missing.Count} such names)" : "")}");
    }

    private static Body Prepare(string what, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, TensorSource> initializers, HashSet<string> given, IReadOnlyList<NodeProto> nodes, BodyCache cache, ModelSource source)
    {
        if (nodes.Count > Limits.MaximumGraphNodes)
            source.Fail("VKN3015", $"{what} has {nodes.Count} nodes; at most {Limits.MaximumGraphNodes} are accepted", "a program can raise the cap in VkNet.Limits");
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < nodes.Count; i++)
            foreach (var output in nodes[i].Output)
                if (output != "" && (given.Contains(output) || !producers.TryAdd(output, i))) throw Twice(source, what, output);
        var needs = new IReadOnlyList<string>[nodes.Count];
        for (var i = 0; i < nodes.Count; i++) needs[i] = Needs(nodes[i], cache);
        var order = NodeOrder.Find(nodes, needs, producers, outputs, what, source);
        var free = order.SelectMany(i => needs[i]).Concat(outputs).Where(n => n != "" && !given.Contains(n) && !producers.ContainsKey(n)).ToHashSet(StringComparer.Ordinal);
        return new Body(what, inputs, outputs, initializers, [.. order.Select(i => nodes[i])], free);
    }

    // A node needs its inputs, whatever its sub-graphs take from around them, and a value that it differentiates.
    private static IReadOnlyList<string> Needs(NodeProto node, BodyCache cache)
    {
        IEnumerable<string> names = node.Input;
        foreach (var attribute in node.Attribute)
        {
            if (attribute.G is not null) names = names.Concat(cache.Get(attribute.G).FreeNames);
            foreach (var graph in attribute.Graphs) names = names.Concat(cache.Get(graph).FreeNames);
            if (attribute.Name == "y" && GradientRule.Is(node)) names = names.Append(attribute.S.ToStringUtf8());
        }
        return [.. names.Where(n => n != "")];
    }

    private static VkNetException Twice(ModelSource source, string what, string name) =>
        source.Fault("VKN3006", $"{what} assigns the name '{name}' twice", "in ONNX every name is assigned once");
}
