using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// Reverse-mode differentiation: adds to a graph the nodes that compute gradients, using each operator's gradient rule. What is added are
/// ordinary nodes, so they are fused, planned and differentiated again like any others.
/// </summary>
public static class Gradients
{
    /// <summary>The operator that adds gradients where a value is used more than once.</summary>
    private const string Accumulate = "add";

    /// <summary>
    /// Adds the gradients of a scalar loss.
    /// </summary>
    /// <param name="builder">Holds the graph; nodes are added to it.</param>
    /// <param name="loss">A real scalar (one element).</param>
    /// <param name="targets">The values with respect to which to differentiate: parameters, inputs or any results.</param>
    /// <param name="rules">Rules that stand in for those of operators, by the operator's name (<see cref="GuidedRelu"/>); null for none.</param>
    /// <returns>The gradient of each target, of its shape; zeros where the loss does not depend on it.</returns>
    /// <exception cref="VkNetException">VKN5001: an operator on the way has no gradient rule; VKN5002: the loss is no scalar.</exception>
    public static IReadOnlyList<Value> Of(GraphBuilder builder, Value loss, IReadOnlyList<Value> targets, IReadOnlyDictionary<string, GradientRule>? rules = null)
    {
        if (loss.Shape.ElementCount != 1 || !loss.DataType.IsFloat())
            throw new VkNetException("VKN5002", $"the loss '{loss.Name}' is {loss.Type}, but only a real scalar can be minimised", "reduce it with mean or sum, or give an upstream gradient");
        return Of(builder, [new(loss, builder.Constant(Ones(loss.Type)))], targets, rules);
    }

    /// <summary>Adds gradients from given upstream gradients at any values.</summary>
    /// <param name="builder">Holds the graph; nodes are added to it.</param>
    /// <param name="upstream">Values and the gradient that arrives at each, of its type.</param>
    /// <param name="targets">The values with respect to which to differentiate.</param>
    /// <param name="rules">Rules that stand in for those of operators, by the operator's name; null for none.</param>
    public static IReadOnlyList<Value> Of(GraphBuilder builder, IReadOnlyList<KeyValuePair<Value, Value>> upstream, IReadOnlyList<Value> targets, IReadOnlyDictionary<string, GradientRule>? rules = null)
    {
        var nodes = builder.Nodes.ToArray();
        var dependent = Dependents(nodes, targets);
        var gradients = new Dictionary<Value, Value>();
        foreach (var (value, gradient) in upstream)
        {
            if (gradient.Shape != value.Shape) throw new VkNetException("VKN5003", $"the upstream gradient of '{value.Name}' is {gradient.Type}, but the value is {value.Type}");
            Add(value, gradient);
        }
        var wanted = new HashSet<Value>(targets);
        for (var i = nodes.Length - 1; i >= 0; i--)
        {
            var node = nodes[i];
            if (!node.Outputs.Any(gradients.ContainsKey)) continue;
            var needed = node.Inputs.Select(v => v is not null && v.DataType.IsFloat() && dependent.Contains(v)).ToArray();
            if (!needed.Contains(true)) continue;
            var incoming = node.Outputs.Select(o => gradients.GetValueOrDefault(o)).ToArray();
            var context = new GradientContext(builder, node, incoming, needed);
            var outgoing = rules?.GetValueOrDefault(node.Operator.Name) is { } rule ? rule(context) : node.Operator.Differentiate(context);
            for (var j = 0; j < node.Inputs.Count; j++)
            {
                if (!needed[j] || j >= outgoing.Count || outgoing[j] is not { } gradient) continue;
                if (gradient.Shape != node.Inputs[j]!.Shape)
                    throw new InvalidOperationException($"the gradient rule of {node.Operator.Name} gives {gradient.Type} for input {j} of type {node.Inputs[j]!.Type}");
                Add(node.Inputs[j]!, gradient);
            }
            // A result's gradient is complete once its own node is reached; only targets are asked for later.
            foreach (var output in node.Outputs)
                if (!wanted.Contains(output)) gradients.Remove(output);
        }
        return [.. targets.Select(t => gradients.GetValueOrDefault(t) ?? builder.Constant(Tensor.Zeros(t.Type)))];

        void Add(Value value, Value gradient) =>
            gradients[value] = gradients.TryGetValue(value, out var sum) ? builder.Apply(Accumulate, null, sum, gradient) : gradient;
    }

    /// <summary>
    /// Guided backpropagation through <c>relu</c> (Springenberg et al., 2015): only positive gradients pass, and only where the input was
    /// positive. Pictures made with it show what a unit looks for.
    /// </summary>
    public static IReadOnlyDictionary<string, GradientRule> GuidedRelu { get; } = new Dictionary<string, GradientRule>(StringComparer.Ordinal)
    {
        ["relu"] = context => [context.Builder.Apply("relu", null, context.Node.Operator.Differentiate(context)[0])],
    };

    private static HashSet<Value> Dependents(Node[] nodes, IReadOnlyList<Value> targets)
    {
        var dependent = new HashSet<Value>(targets);
        foreach (var node in nodes)
            if (node.Inputs.Any(v => v is not null && dependent.Contains(v)))
                dependent.UnionWith(node.Outputs);
        return dependent;
    }

    private static Tensor Ones(TensorType type)
    {
        var ones = Tensor.Zeros(type);
        ElementConversion.StoreReals(ones, [1]);
        return ones;
    }
}
