using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Perf.Plans;

/// <summary>Graphs of any number of nodes, to see how compile time grows.</summary>
internal static class GeneratedGraphs
{
    public static IReadOnlyList<string> Kinds { get; } = ["chain", "fan-out", "residual", "random", "all live", "training"];

    /// <summary>Whether a graph is a training step.</summary>
    public static bool IsTraining(string kind) => kind == "training";

    /// <summary>Makes a graph of about <paramref name="nodes"/> nodes.</summary>
    public static Graph Make(string kind, int nodes)
    {
        if (IsTraining(kind)) return Training(nodes);
        var builder = new GraphBuilder(StandardOperators.Registry, $"{kind} {nodes}");
        var result = kind switch
        {
            "chain" => Chain(builder, nodes),
            "fan-out" => FanOut(builder, nodes),
            "residual" => Residual(builder, nodes),
            "random" => Random(builder, nodes),
            "all live" => AllLive(builder, nodes),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such graph"),
        };
        builder.Output("y", result);
        return builder.Build();
    }

    // Pointwise functions, fused eight at a time, with a softmax after every tenth.
    private static Value Chain(GraphBuilder builder, int nodes)
    {
        var value = builder.Input("x", TensorType.Float(16, 64));
        for (var i = 0; i < nodes; i++) value = Apply(builder, i % 10 == 9 ? "softmax" : "tanh", value);
        return value;
    }

    // One value read by every third node; what comes of it is added up at the end.
    private static Value FanOut(GraphBuilder builder, int nodes)
    {
        var x = builder.Input("x", TensorType.Float(16, 64));
        var branches = Enumerable.Range(0, nodes / 3).Select(i => Apply(builder, "softmax", Apply(builder, "mul", x, builder.Constant(i)))).ToList();
        return branches.Aggregate((sum, branch) => Apply(builder, "add", sum, branch));
    }

    // Blocks of two convolutions with a way around them.
    private static Value Residual(GraphBuilder builder, int nodes)
    {
        var value = builder.Input("x", TensorType.Float(1, 8, 8, 8));
        var weight = builder.Parameter("w", TensorType.Float(8, 8, 3, 3));
        for (var i = 0; i < nodes / 5; i++)
        {
            var (inner, skip) = (value, value);
            for (var j = 0; j < 2; j++)
            {
                inner = builder.Apply("conv2d", AttributeSet.Empty.With("padding", new long[] { 1 }), inner, weight);
                inner = Apply(builder, "relu", j == 0 ? inner : Apply(builder, "add", inner, skip));
            }
            value = inner;
        }
        return value;
    }

    // Nodes that read what was made a little or long before; what nobody reads is added up at the end.
    private static Value Random(GraphBuilder builder, int nodes)
    {
        var random = new System.Random(1);
        var values = new List<Value> { builder.Input("x", TensorType.Float(16, 64)) };
        var unread = new HashSet<Value>(values);
        while (values.Count < nodes)
        {
            var (a, b) = (Pick(), Pick());
            var made = random.Next(5) switch
            {
                0 => Apply(builder, "softmax", a),
                1 => Apply(builder, "tanh", a),
                2 => Apply(builder, "mul", a, b),
                3 => Apply(builder, "log_softmax", a),
                _ => Apply(builder, "add", a, b),
            };
            unread.ExceptWith(made.Producer!.Inputs.OfType<Value>());
            unread.Add(made);
            values.Add(made);
        }
        return values.Where(unread.Contains).Aggregate((sum, value) => Apply(builder, "add", sum, value));

        Value Pick() => random.Next(20) > 0 ? values[^Math.Min(values.Count, random.Next(1, 5))] : values[random.Next(values.Count)];
    }

    // Every second value of a chain is read again at the end, the first one last: all of them lie in memory at once.
    private static Value AllLive(GraphBuilder builder, int nodes)
    {
        var value = builder.Input("x", TensorType.Float(16, 64));
        var values = new List<Value>();
        for (var i = 0; i < nodes / 2; i++) values.Add(value = Apply(builder, "softmax", value));
        for (var i = values.Count - 1; i >= 0; i--) value = Apply(builder, "softmax", Apply(builder, "add", value, values[i]));
        return value;
    }

    // A deep net of dense layers, their gradients and Adam's updates: about nine nodes to a layer, and six carried tensors.
    private static Graph Training(int nodes)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, $"training {nodes}");
        var value = builder.Input("x", TensorType.Float(8, 16));
        for (var i = 0; i < nodes / 9; i++)
            value = Apply(builder, "tanh", Apply(builder, "dense", value, builder.Parameter($"w{i}", TensorType.Float(16, 16)), builder.Parameter($"b{i}", TensorType.Float(16))));
        builder.Output("y", value);
        return TrainingGraph.Build(builder.Build(), new TrainingObjective
        {
            Loss = c => c.Builder.Apply("reduce_mean", null, c.Builder.Apply("square", null, c["y"])),
            Optimizer = new OptimizerOptions("adam", 0.001),
        }).Graph;
    }

    private static Value Apply(GraphBuilder builder, string @operator, params Value[] inputs) => builder.Apply(@operator, AttributeSet.Empty, inputs);
}
