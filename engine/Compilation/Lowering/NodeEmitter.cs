using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Adds helper nodes to a graph that is being rewritten; what depends on small constants only is computed at once.</summary>
public sealed class NodeEmitter
{
    private readonly GraphRewriter _rewriter;
    private readonly string _prefix;

    internal NodeEmitter(GraphRewriter rewriter, string prefix) => (_rewriter, _prefix) = (rewriter, prefix);

    /// <summary>Adds a node.</summary>
    /// <param name="suffix">Appended to the name of the node being replaced; unique among its helpers.</param>
    /// <param name="operatorName">The operator.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <returns>Output 0.</returns>
    public Value Emit(string suffix, string operatorName, AttributeSet attributes, params IReadOnlyList<Value?> inputs)
    {
        var (name, @operator) = ($"{_prefix}/{suffix}", _rewriter.Registry.Get(operatorName));
        var types = @operator.Infer(new InferenceContext(@operator, attributes, inputs, name, null));
        if (GraphBuilder.TryFold(@operator, attributes, inputs, types) is { } tensors)
            return new Value(name, types[0], ValueKind.Constant) { Data = tensors[0] };
        return _rewriter.Insert(@operator, attributes, inputs, name, Layout.Dense).Outputs[0];
    }
}
