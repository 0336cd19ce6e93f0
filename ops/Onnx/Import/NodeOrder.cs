using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>Finds the nodes that are needed, in an order in which they can be computed.</summary>
internal static class NodeOrder
{
    /// <summary>
    /// Indices of the needed nodes: of those that could come next, always the one that stands first in the file. A file that is
    /// ordered already keeps its order.
    /// </summary>
    /// <exception cref="VkNetException">VKN3008: values depend on each other in a circle.</exception>
    public static List<int> Find(IReadOnlyList<NodeProto> nodes, IReadOnlyList<string>[] needs, Dictionary<string, int> producers, IReadOnlyList<string> outputs, string what, ModelSource source)
    {
        var live = Live(needs, producers, outputs);
        var waiting = new int[nodes.Count];
        var users = new List<int>?[nodes.Count];
        var ready = new PriorityQueue<int, int>();
        foreach (var i in live)
        {
            foreach (var producer in Producers(needs[i], producers))
            {
                waiting[i]++;
                (users[producer] ??= []).Add(i);
            }
            if (waiting[i] == 0) ready.Enqueue(i, i);
        }
        var order = new List<int>(live.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            order.Add(next);
            foreach (var user in users[next] ?? [])
                if (--waiting[user] == 0) ready.Enqueue(user, user);
        }
        if (order.Count < live.Count)
            source.Fail("VKN3008", $"{what}: values depend on each other in a circle: {string.Join(" -> ", Circle(live.Except(order), needs, producers).Select(i => $"'{NodeNames.Of(nodes[i])}'"))}");
        return order;
    }

    private static HashSet<int> Live(IReadOnlyList<string>[] needs, Dictionary<string, int> producers, IReadOnlyList<string> outputs)
    {
        var live = new HashSet<int>();
        var pending = new Stack<int>(Producers(outputs, producers));
        while (pending.TryPop(out var i))
        {
            if (!live.Add(i)) continue;
            foreach (var producer in Producers(needs[i], producers)) pending.Push(producer);
        }
        return live;
    }

    private static IEnumerable<int> Producers(IReadOnlyList<string> names, Dictionary<string, int> producers)
    {
        foreach (var name in names)
            if (producers.TryGetValue(name, out var producer)) yield return producer;
    }

    // Every node left over waits for another one left over; walking from one to the next must come around.
    private static List<int> Circle(IEnumerable<int> left, IReadOnlyList<string>[] needs, Dictionary<string, int> producers)
    {
        var remaining = left.ToHashSet();
        var path = new List<int>();
        var current = remaining.Min();
        while (!path.Contains(current))
        {
            path.Add(current);
            current = Producers(needs[current], producers).First(remaining.Contains);
        }
        path.RemoveRange(0, path.IndexOf(current));
        path.Reverse();
        path.Insert(0, path[^1]);
        return path;
    }
}
