using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>A graph as the scheduler sees it: nodes, what they wait for, and the bytes of the values that live between them.</summary>
internal sealed class ScheduleProblem
{
    private readonly IReadOnlyList<Node> _nodes;
    private readonly List<int>[] _successors;
    private readonly int[] _waits;
    private readonly long[] _made;
    private readonly int[][] _reads;
    private readonly long[] _bytes;
    private readonly int[] _uses;
    private readonly bool[] _kept;

    internal ScheduleProblem(Graph graph)
    {
        _nodes = graph.Nodes;
        var values = new Dictionary<Value, int>();
        var index = new Dictionary<Node, int>();
        for (var i = 0; i < _nodes.Count; i++)
        {
            index[_nodes[i]] = i;
            foreach (var output in _nodes[i].Outputs) values[output] = values.Count;
        }
        _bytes = new long[values.Count];
        foreach (var (value, number) in values) _bytes[number] = DeviceTensor.SizeOf(value.Type, value.Layout);
        _uses = new int[values.Count];
        _kept = new bool[values.Count];
        foreach (var value in graph.Outputs.Select(o => o.Value).Concat(graph.States.Select(s => s.Output)))
            if (values.TryGetValue(value, out var number)) _kept[number] = true;
        _successors = [.. _nodes.Select(_ => new List<int>())];
        _waits = new int[_nodes.Count];
        _made = new long[_nodes.Count];
        _reads = new int[_nodes.Count][];
        for (var i = 0; i < _nodes.Count; i++)
        {
            _made[i] = _nodes[i].Outputs.Sum(o => _bytes[values[o]]);
            var inputs = _nodes[i].Inputs.OfType<Value>().Where(values.ContainsKey).Distinct().ToArray();
            _reads[i] = [.. inputs.Select(v => values[v])];
            foreach (var read in _reads[i]) _uses[read]++;
            foreach (var producer in inputs.Select(v => index[v.Producer!]).Distinct()) Wait(i, producer);
        }
        // The node that makes a carried tensor's next value overwrites it, so every other reader goes first.
        foreach (var state in graph.States)
        {
            if (state.Output.Producer is not { } writer || !index.TryGetValue(writer, out var last)) continue;
            for (var i = 0; i < last; i++)
                if (_nodes[i].Inputs.Contains(state.Input)) Wait(last, i);
        }
    }

    /// <summary>The order that always takes the ready node with the least growth of live memory, the earliest written first among equals.</summary>
    internal int[] Greedy()
    {
        var waits = (int[])_waits.Clone();
        var uses = (int[])_uses.Clone();
        var ready = new SortedSet<int>(Enumerable.Range(0, _nodes.Count).Where(i => waits[i] == 0));
        var order = new int[_nodes.Count];
        for (var step = 0; step < order.Length; step++)
        {
            // Looking at a bounded number of ready nodes keeps wide graphs fast.
            var (best, least) = (-1, long.MaxValue);
            foreach (var candidate in ready.Take(64))
            {
                var growth = _made[candidate];
                foreach (var read in _reads[candidate])
                    if (uses[read] == 1 && !_kept[read]) growth -= _bytes[read];
                if (growth < least) (best, least) = (candidate, growth);
            }
            order[step] = best;
            ready.Remove(best);
            foreach (var read in _reads[best]) uses[read]--;
            foreach (var successor in _successors[best])
                if (--waits[successor] == 0) ready.Add(successor);
        }
        return order;
    }

    /// <summary>The most bytes live at one node under an order.</summary>
    internal long Peak(int[] order)
    {
        var uses = (int[])_uses.Clone();
        long live = 0, most = 0;
        foreach (var node in order)
        {
            live += _made[node];
            most = Math.Max(most, live);
            foreach (var read in _reads[node])
                if (--uses[read] == 0 && !_kept[read]) live -= _bytes[read];
        }
        return most;
    }

    private void Wait(int node, int predecessor)
    {
        _successors[predecessor].Add(node);
        _waits[node]++;
    }
}
