using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>Runs operators and whole graphs on the host: for constant folding, <c>vknet check</c>, <c>--compare-cpu</c> and gradient checks.</summary>
public static class HostEvaluator
{
    /// <summary>Evaluates one operator.</summary>
    public static IReadOnlyList<Tensor> Evaluate(Operator @operator, AttributeSet attributes, IReadOnlyList<Tensor?> inputs, IReadOnlyList<TensorType> outputTypes)
    {
        var context = new HostContext(attributes, inputs, outputTypes);
        @operator.Evaluate(context);
        return context.Results();
    }

    /// <summary>Evaluates one node with the types that its values have.</summary>
    public static IReadOnlyList<Tensor> Evaluate(Node node, IReadOnlyList<Tensor?> inputs) =>
        Evaluate(node.Operator, node.Attributes, inputs, [.. node.Outputs.Select(o => o.Type)]);

    /// <summary>
    /// Evaluates a whole (unfused) graph.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="values">Values of inputs, run values, parameters and states by name; a state not given takes its initial value.</param>
    /// <param name="observe">Called with every value computed, in order; return false to stop.</param>
    /// <param name="inDouble">Whether float32 values are carried as float64 between nodes, for gradient checks.</param>
    /// <returns>Every value of the graph that was computed or given; outputs whose size depends on data have the size that it came to.</returns>
    /// <exception cref="VkNetException">VKN2007: a value is missing.</exception>
    public static Dictionary<Value, Tensor> Run(Graph graph, IReadOnlyDictionary<string, Tensor> values, Func<Value, Tensor, bool>? observe = null, bool inDouble = false)
    {
        var known = new Dictionary<Value, Tensor>();
        var remaining = inDouble ? null : UseCounts(graph);
        foreach (var node in graph.Nodes)
        {
            var inputs = node.Inputs.Select(i => i is null ? null : Lookup(i)).ToList();
            var types = node.Outputs.Select(o => inDouble ? Widen(o.Type) : o.Type).ToList();
            var results = Evaluate(node.Operator, node.Attributes, inputs, types);
            for (var i = 0; i < node.Outputs.Count; i++)
            {
                known[node.Outputs[i]] = results[i];
                if (observe is not null && !observe(node.Outputs[i], results[i])) return known;
            }
            if (remaining is null) continue;
            foreach (var input in node.Inputs.OfType<Value>().Distinct())
                if (--remaining[input] == 0 && input.Kind == ValueKind.Result) known.Remove(input);
        }
        foreach (var (_, output) in graph.Outputs) Lookup(output);
        foreach (var (name, output) in graph.Outputs)
            if (graph.Extents.TryGetValue(name, out var axis)) known[output] = known[output].Take(axis, ElementConversion.LoadIntegers(Lookup(graph.Outputs.First(o => o.Key == Graph.CountName(name)).Value))[0]);
        foreach (var state in graph.States) Lookup(state.Output);
        return known;

        Tensor Lookup(Value value)
        {
            if (known.TryGetValue(value, out var tensor)) return tensor;
            tensor = value.Constant ?? values.GetValueOrDefault(value.Name) ?? (value.Kind == ValueKind.State ? value.Data : null)
                ?? throw new VkNetException("VKN2007", $"no value is given for '{value.Name}' ({value.Type})");
            if (inDouble && tensor.DataType == DataType.Float32) tensor = tensor.Cast(DataType.Float64);
            return known[value] = tensor;
        }
    }

    private static TensorType Widen(TensorType type) => type.DataType == DataType.Float32 ? new TensorType(DataType.Float64, type.Shape) : type;

    // Results are dropped after their last use, so that evaluating a large network does not hold every activation.
    private static Dictionary<Value, int> UseCounts(Graph graph)
    {
        var counts = new Dictionary<Value, int>();
        foreach (var node in graph.Nodes)
        foreach (var input in node.Inputs.OfType<Value>().Distinct())
            counts[input] = counts.GetValueOrDefault(input) + 1;
        foreach (var (_, output) in graph.Outputs) counts[output] = counts.GetValueOrDefault(output) + 1;
        foreach (var state in graph.States) counts[state.Output] = counts.GetValueOrDefault(state.Output) + 1;
        return counts;
    }
}
