using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

/// <summary>Random graphs of stand-in operators: chains, diamonds, views, several outputs, states, parameters.</summary>
internal static class RandomGraphs
{
    public static StubGraph Make(int seed)
    {
        var random = new Random(seed);
        var graph = new StubGraph { Shape = [random.Next(1, 5), random.Next(0, 40)] };
        var values = new List<Value>();
        for (var i = random.Next(1, 4); i > 0; i--) values.Add(graph.Input($"x{i}"));
        for (var i = random.Next(0, 3); i > 0; i--) values.Add(graph.Parameter($"w{i}"));
        var states = Enumerable.Range(0, random.Next(0, 3)).Select(i => graph.State($"s{i}")).ToList();
        values.AddRange(states);
        string[] operators = ["opaque", "opaque2", "twice", "view", "root", "unary", "unary", "unary", "binary", "binary", "rare"];
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            var op = operators[random.Next(operators.Length)];
            var first = Pick();
            values.AddRange(op is "opaque2" or "binary" ? graph.Nodes($"n{i}", op, first, Pick()) : graph.Nodes($"n{i}", op, first));
        }
        foreach (var state in states) graph.Next(state, Pick());
        foreach (var value in values.Where(v => v.Kind == ValueKind.Result).OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Append(values[^1])
            .Where(v => v.Kind is ValueKind.Result or ValueKind.Input).Distinct()) graph.Output(value);
        return graph;

        // Mostly recent values, so that chains form.
        Value Pick() => random.Next(3) > 0 ? values[^Math.Min(values.Count, random.Next(1, 4))] : values[random.Next(values.Count)];
    }

    public static CompilerOptions Options(int seed) => new()
    {
        Profile = seed % 5 == 4 ? StubGraph.Profile with { MaxAllocationBytes = 1280 } : StubGraph.Profile,
        Fuse = seed % 3 != 0,
        ReuseMemory = seed % 7 != 0,
    };
}
