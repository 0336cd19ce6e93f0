using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Computes equal nodes once: same operator, attributes and inputs. Generators of random numbers are left alone.</summary>
internal sealed class CommonSubexpressions : IGraphPass
{
    public string Name => "common-subexpressions";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        var rewriter = new GraphRewriter(graph);
        var known = new Dictionary<Key, Node>();
        var changed = false;
        foreach (var node in graph.Nodes)
        {
            var key = new Key(node, [.. node.Inputs.Select(i => i is null ? null : rewriter.Map(i))]);
            if (node.Operator.IsFoldable && known.TryGetValue(key, out var first))
            {
                for (var i = 0; i < node.Outputs.Count; i++) rewriter.Replace(node.Outputs[i], rewriter.Map(first.Outputs[i]));
                changed = true;
                continue;
            }
            rewriter.Keep(node);
            known.TryAdd(key, node);
        }
        return changed ? rewriter.Finish() : graph;
    }

    private sealed class Key(Node node, Value?[] inputs) : IEquatable<Key>
    {
        private readonly Operator _operator = node.Operator;
        private readonly string _attributes = node.Attributes.ToString();
        private readonly PointwiseProgram? _epilogue = node.Epilogue;
        private readonly Value?[] _inputs = inputs;

        public bool Equals(Key? other) => other is not null && _operator == other._operator && _attributes == other._attributes
            && Equals(_epilogue, other._epilogue) && _inputs.AsSpan().SequenceEqual(other._inputs);

        public override bool Equals(object? obj) => Equals(obj as Key);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_operator);
            hash.Add(_attributes);
            foreach (var input in _inputs) hash.Add(input);
            return hash.ToHashCode();
        }
    }
}
