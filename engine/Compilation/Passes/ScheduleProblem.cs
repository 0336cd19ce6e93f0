using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>A graph as the scheduler sees it: nodes, what they wait for, and the bytes of the values that live between them.</summary>
internal sealed class ScheduleProblem
{
    /// <summary>Most nodes for which the best order is found exactly.</summary>
    internal const int LargestExact = 12;

    private const int LargestTries = 4_000;

    private readonly IReadOnlyList<Node> _nodes;
    private readonly IntLists _successors;
    private readonly int[] _waits;
    private readonly long[] _made;
    private readonly IntLists _reads;
    private readonly long[] _bytes;
    private readonly int[] _uses;
    private readonly bool[] _kept;

    internal ScheduleProblem(Graph graph)
    {
        _nodes = graph.Nodes;
        // Numbers of results, from one; zero for what comes from outside.
        var values = new NumberTable<int>();
        var producers = new List<int>(_nodes.Count);
        for (var i = 0; i < _nodes.Count; i++)
        foreach (var output in _nodes[i].Outputs)
        {
            producers.Add(i);
            values[output.Number] = producers.Count;
        }
        _bytes = new long[producers.Count];
        _uses = new int[producers.Count];
        _kept = new bool[producers.Count];
        foreach (var value in GraphUsers.Kept(graph))
            if (values[value.Number] is > 0 and var number) _kept[number - 1] = true;
        _waits = new int[_nodes.Count];
        _made = new long[_nodes.Count];
        // The node that makes a carried tensor's next value overwrites it, so every other reader goes first.
        var readers = new Dictionary<Value, List<int>>();
        foreach (var state in graph.States) readers.TryAdd(state.Input, []);
        var (reads, order) = (new List<(int, int)>(_nodes.Count), new List<(int Before, int After)>(_nodes.Count));
        var (read, waited) = (new List<int>(), new List<int>());
        for (var i = 0; i < _nodes.Count; i++)
        {
            var node = _nodes[i];
            for (var j = 0; j < node.Outputs.Count; j++)
            {
                var number = values[node.Outputs[j].Number] - 1;
                _made[i] += _bytes[number] = DeviceTensor.SizeOf(node.Outputs[j].Type, node.Outputs[j].Layout);
            }
            read.Clear();
            waited.Clear();
            var least = _made[i];
            for (var j = 0; j < node.Inputs.Count; j++)
            {
                if (node.Inputs[j] is not { } input) continue;
                if (readers.Count > 0 && readers.TryGetValue(input, out var list) && (list.Count == 0 || list[^1] != i)) list.Add(i);
                if (values[input.Number] - 1 is var number && (number < 0 || read.Contains(number))) continue;
                read.Add(number);
                reads.Add((i, number));
                _uses[number]++;
                least += _bytes[number];
                if (waited.Contains(producers[number])) continue;
                waited.Add(producers[number]);
                order.Add((producers[number], i));
            }
            LowerBound = Math.Max(LowerBound, least);
        }
        foreach (var state in graph.States)
        {
            if (values[state.Output.Number] - 1 is var next && next < 0) continue;
            foreach (var reader in readers[state.Input])
                if (reader < producers[next]) order.Add((reader, producers[next]));
        }
        foreach (var (_, after) in order) _waits[after]++;
        _reads = IntLists.Of(_nodes.Count, reads);
        _successors = IntLists.Of(_nodes.Count, order);
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
        var tries = Math.Min(LargestTries, 20_000_000 / Math.Max(1, order.Length + _reads.ItemCount));
        var random = new Random(1);
        var predecessors = _successors.Inverse(_nodes.Count);
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

        int Latest(ReadOnlySpan<int> nodes)
        {
            var latest = -1;
            foreach (var node in nodes) latest = Math.Max(latest, places[node]);
            return latest;
        }

        int Earliest(ReadOnlySpan<int> nodes)
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
            for (var other = 0; other < _nodes.Count && !wanted; other++) wanted = (done >> other & 1) == 0 && _reads[other].Contains(read);
            if (!wanted) freed += _bytes[read];
        }
        return freed;
    }
}
