using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>A graph as the scheduler sees it: nodes, what they wait for, and the bytes of the values that live between them.</summary>
internal sealed class ScheduleProblem
{
    /// <summary>Most nodes for which the best order is found exactly.</summary>
    internal const int LargestExact = 12;

    private const int LargestTries = 4_000;

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
        var (read, producers) = (new List<int>(), new List<int>());
        for (var i = 0; i < _nodes.Count; i++)
        {
            foreach (var output in _nodes[i].Outputs) _made[i] += _bytes[values[output]];
            read.Clear();
            producers.Clear();
            foreach (var input in _nodes[i].Inputs)
            {
                if (input is null || !values.TryGetValue(input, out var number) || read.Contains(number)) continue;
                read.Add(number);
                _uses[number]++;
                var producer = index[input.Producer!];
                if (producers.Contains(producer)) continue;
                producers.Add(producer);
                Wait(i, producer);
            }
            _reads[i] = [.. read];
            LowerBound = Math.Max(LowerBound, _made[i] + read.Sum(r => _bytes[r]));
        }
        // The node that makes a carried tensor's next value overwrites it, so every other reader goes first.
        var readers = graph.States.Select(s => s.Input).Distinct().ToDictionary(s => s, _ => new List<int>());
        for (var i = 0; i < _nodes.Count; i++)
        foreach (var input in _nodes[i].Inputs)
            if (input is not null && readers.TryGetValue(input, out var list) && (list.Count == 0 || list[^1] != i)) list.Add(i);
        foreach (var state in graph.States)
        {
            if (state.Output.Producer is not { } writer || !index.TryGetValue(writer, out var last)) continue;
            foreach (var reader in readers[state.Input])
                if (reader < last) Wait(last, reader);
        }
    }

    /// <summary>Bytes that some node needs by itself, to read and to write: no order has a lower peak.</summary>
    internal long LowerBound { get; }

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
            var looked = 0;
            foreach (var candidate in ready)
            {
                if (looked++ == 64) break;
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

    /// <summary>
    /// The order of least peak, found by dynamic programming over the sets of nodes done: the bytes live after a set do not depend on the order
    /// within it. Null for more nodes than <see cref="LargestExact"/>.
    /// </summary>
    internal int[]? Exact()
    {
        var count = _nodes.Count;
        if (count > LargestExact) return null;
        var waitsFor = new int[count];
        for (var i = 0; i < count; i++)
            foreach (var successor in _successors[i]) waitsFor[successor] |= 1 << i;
        var (peak, last) = (new long[1 << count], new sbyte[1 << count]);
        Array.Fill(peak, long.MaxValue);
        peak[0] = 0;
        var live = new long[1 << count];
        for (var done = 0; done < 1 << count; done++)
        {
            if (peak[done] == long.MaxValue) continue;
            for (var next = 0; next < count; next++)
            {
                if ((done >> next & 1) != 0 || (waitsFor[next] & ~done) != 0) continue;
                var (after, during) = (done | 1 << next, live[done] + _made[next]);
                var most = Math.Max(peak[done], during);
                if (most >= peak[after]) continue;
                (peak[after], last[after]) = (most, (sbyte)next);
                live[after] = during - Freed(next, after);
            }
        }
        var order = new int[count];
        for (var (set, i) = ((1 << count) - 1, count - 1); i >= 0; i--)
        {
            order[i] = last[set];
            set &= ~(1 << last[set]);
        }
        return order;
    }

    /// <summary>
    /// Improves an order by moving single nodes to other places that their neighbours allow, as long as the peak falls. The number of moves
    /// tried is bounded by the graph's size, so that the answer does not depend on the machine's speed.
    /// </summary>
    internal int[] Improve(int[] order)
    {
        int[] best = [.. order], candidate = new int[order.Length], uses = new int[_uses.Length];
        var least = Peak(best);
        var tries = Math.Min(LargestTries, 20_000_000 / Math.Max(1, order.Length + _reads.Sum(r => r.Length)));
        var random = new Random(1);
        var predecessors = new List<int>[_nodes.Count];
        for (var i = 0; i < _nodes.Count; i++) predecessors[i] = [];
        for (var i = 0; i < _nodes.Count; i++)
            foreach (var successor in _successors[i]) predecessors[successor].Add(i);
        var places = new int[_nodes.Count];
        Number(best);
        for (; tries > 0 && least > LowerBound; tries--)
        {
            var node = random.Next(best.Length);
            var first = Latest(predecessors[node]) + 1;
            var end = Earliest(_successors[node]) - 1;
            if (first >= end) continue;
            var target = random.Next(first, end + 1);
            if (target == places[node]) continue;
            var place = places[node];
            Array.Copy(best, candidate, best.Length);
            if (target > place) Array.Copy(best, place + 1, candidate, place, target - place);
            else Array.Copy(best, target, candidate, target + 1, place - target);
            candidate[target] = node;
            // Equal orders are taken too: they are how the search leaves a plateau.
            if (Peak(candidate, uses) is var peak && peak > least) continue;
            (best, candidate, least) = (candidate, best, peak);
            Number(best);
        }
        return best;

        int Latest(List<int> nodes)
        {
            var latest = -1;
            foreach (var node in nodes) latest = Math.Max(latest, places[node]);
            return latest;
        }

        int Earliest(List<int> nodes)
        {
            var earliest = best.Length;
            foreach (var node in nodes) earliest = Math.Min(earliest, places[node]);
            return earliest;
        }

        void Number(int[] sequence)
        {
            for (var i = 0; i < sequence.Length; i++) places[sequence[i]] = i;
        }
    }

    /// <summary>The most bytes live at one node under an order.</summary>
    internal long Peak(int[] order) => Peak(order, new int[_uses.Length]);

    private long Peak(int[] order, int[] uses)
    {
        Array.Copy(_uses, uses, uses.Length);
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

    // Bytes that are no longer wanted when a node has run and a set of nodes is done.
    private long Freed(int node, int done)
    {
        long freed = 0;
        foreach (var read in _reads[node])
        {
            if (_kept[read]) continue;
            var wanted = false;
            for (var other = 0; other < _nodes.Count && !wanted; other++) wanted = (done >> other & 1) == 0 && Array.IndexOf(_reads[other], read) >= 0;
            if (!wanted) freed += _bytes[read];
        }
        return freed;
    }

    private void Wait(int node, int predecessor)
    {
        _successors[predecessor].Add(node);
        _waits[node]++;
    }
}
