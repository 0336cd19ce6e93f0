using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Computes equal nodes once: same operator, attributes and inputs. Generators of random numbers are left alone.</summary>
internal sealed class CommonSubexpressions : IGraphPass
{
    public string Name => "common-subexpressions";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        var rewriter = new GraphRewriter(graph);
        var known = new Dictionary<Key, Node>(graph.Nodes.Count);
        var changed = false;
        foreach (var node in graph.Nodes)
        {
            if (!node.Operator.IsFoldable)
            {
                rewriter.Keep(node);
                continue;
            }
            var inputs = new Value?[node.Inputs.Count];
            for (var i = 0; i < inputs.Length; i++) inputs[i] = node.Inputs[i] is { } input ? rewriter.Map(input) : null;
            var key = new Key(node, inputs);
            if (known.TryGetValue(key, out var first))
            {
                for (var i = 0; i < node.Outputs.Count; i++) rewriter.Replace(node.Outputs[i], rewriter.Map(first.Outputs[i]));
                changed = true;
                continue;
            }
            rewriter.Keep(node);
            known.Add(key, node);
        }
        return changed ? rewriter.Finish() : graph;
    }

    private readonly struct Key(Node node, Value?[] inputs) : IEquatable<Key>
    {
        private readonly Node _node = node;
        private readonly Value?[] _inputs = inputs;

        // Attributes are compared last: nodes that agree in all else are few.
        public bool Equals(Key other) => _node.Operator == other._node.Operator && _inputs.AsSpan().SequenceEqual(other._inputs)
            && Equals(_node.Epilogue, other._node.Epilogue) && (_node.Attributes == other._node.Attributes || _node.Attributes.ToString() == other._node.Attributes.ToString());

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_node.Operator);
            foreach (var input in _inputs) hash.Add(input);
            hash.Add(_node.Attributes.ContentHash);
            return hash.ToHashCode();
        }
    }
}
