using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Which results are live at which node of a graph in its order, and where their bytes add up highest.</summary>
internal sealed class GraphLiveness
{
    private readonly Dictionary<Node, int> _positions = [];
    private readonly Dictionary<Value, List<int>> _uses = [];
    private readonly HashSet<Value> _kept;
    private readonly int _end;

    internal GraphLiveness(Graph graph)
    {
        _end = graph.Nodes.Count;
        _kept = [.. graph.Outputs.Select(o => o.Value), .. graph.States.Select(s => s.Output)];
        var change = new long[_end + 1];
        for (var i = 0; i < _end; i++)
        {
            var node = graph.Nodes[i];
            _positions[node] = i;
            foreach (var output in node.Outputs) _uses[output] = [];
            foreach (var input in node.Inputs.OfType<Value>().Distinct())
                if (_uses.TryGetValue(input, out var uses)) uses.Add(i);
        }
        foreach (var (value, _) in _uses)
        {
            var bytes = DeviceTensor.SizeOf(value.Type, value.Layout);
            change[_positions[value.Producer!]] += bytes;
            if (LastUse(value) + 1 < _end) change[LastUse(value) + 1] -= bytes;
        }
        long live = 0;
        var totals = new long[_end];
        for (var i = 0; i < _end; i++)
        {
            totals[i] = live += change[i];
            if (live > totals[Fullest]) Fullest = i;
        }
    }

    /// <summary>Position of the node at which most bytes are live.</summary>
    internal int Fullest { get; }

    internal int PositionOf(Node node) => _positions[node];

    internal IEnumerable<Value> LiveAt(int position) => _uses.Keys.Where(v => _positions[v.Producer!] < position && LastUse(v) > position);

    internal bool IsUsedAt(Value value, int position) => _uses[value].BinarySearch(position) >= 0;

    internal int? NextUse(Value value, int position) => _uses[value].FirstOrDefault(u => u > position, -1) is var use and >= 0 ? use : null;

    internal int LastUse(Value value) => _kept.Contains(value) ? _end : _uses[value] is { Count: > 0 } uses ? uses[^1] : _positions[value.Producer!];
}
