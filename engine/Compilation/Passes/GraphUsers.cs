using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Who reads the values of a graph: the nodes, each once, in the graph's order, and whether a value is wanted from outside.</summary>
internal sealed class GraphUsers
{
    // Links are numbered from one: zero is the end of a list.
    private readonly NumberTable<(int First, int Last)> _ends = new();
    private readonly NumberTable<(Node Node, int Next)> _links = new();
    private readonly HashSet<Value> _kept;
    private int _count;

    private GraphUsers(Graph graph)
    {
        // One chain of links for the whole graph: a list for each value would be most of what a pass over a large graph allocates.
        _kept = Kept(graph);
        foreach (var node in graph.Nodes)
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { } input) Add(input, node);
    }

    /// <summary>Finds the users of all values.</summary>
    internal static GraphUsers Of(Graph graph) => new(graph);

    /// <summary>The values that are results of a graph or next values of its states.</summary>
    internal static HashSet<Value> Kept(Graph graph)
    {
        var kept = new HashSet<Value>();
        foreach (var (_, value) in graph.Outputs) kept.Add(value);
        foreach (var state in graph.States) kept.Add(state.Output);
        return kept;
    }

    /// <summary>Whether a value is a result of the graph or the next value of a state.</summary>
    internal bool IsKept(Value value) => _kept.Contains(value);

    /// <summary>The nodes that read a value.</summary>
    internal Users Of(Value value) => new(_links, _ends[value.Number].First);

    /// <summary>The only node that reads a value; null where there is none or more than one.</summary>
    internal Node? Only(Value value) => _ends[value.Number] is (> 0, _) ends && ends.First == ends.Last ? _links[ends.First].Node : null;

    /// <summary>The first node other than one that reads a value.</summary>
    internal Node? Other(Value value, Node than)
    {
        foreach (var user in Of(value))
            if (user != than) return user;
        return null;
    }

    private void Add(Value value, Node node)
    {
        ref var ends = ref _ends.At(value.Number);
        if (ends.Last > 0 && _links[ends.Last].Node == node) return;
        _count++;
        if (ends.First == 0) ends.First = _count;
        else _links.At(ends.Last).Next = _count;
        ends.Last = _count;
        _links[_count] = (node, 0);
    }

    /// <summary>Users in order.</summary>
    internal struct Users(NumberTable<(Node Node, int Next)> links, int first)
    {
        private int _next = first;

        /// <summary>The user.</summary>
        public Node Current { get; private set; } = null!;

        /// <summary>For <c>foreach</c>.</summary>
        public readonly Users GetEnumerator() => this;

        /// <summary>Goes to the next user.</summary>
        public bool MoveNext()
        {
            if (_next == 0) return false;
            (Current, _next) = links[_next];
            return true;
        }
    }
}
