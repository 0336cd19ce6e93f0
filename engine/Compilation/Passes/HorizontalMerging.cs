using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Computes matrix products that share their left matrix (queries, keys and values; gates) in one call: their weights are joined when the model
/// is loaded, and the results lie one after another, so that each is a view. Only products of equally many units, and only where no fusion is
/// lost that saves more.
/// </summary>
internal sealed class HorizontalMerging : IGraphPass
{
    // What a call costs, in bytes that could be moved meanwhile: some ten microseconds on common devices.
    private const double CallBytes = 200_000;

    public string Name => "horizontal-merging";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        // Weights that change from run to run would have to be joined in every run.
        if (options.Training || !graph.Nodes.Any(n => n.Operator is IFullyConnected or IChannelLinear)) return graph;
        var atLoad = LoadTime.ValuesOf(graph);
        var groups = Groups(graph, atLoad, options);
        if (groups.Count == 0) return graph;
        var (first, members) = (groups.ToDictionary(g => g[0].Product, g => g), groups.SelectMany(g => g).SelectMany(m => m.Nodes).ToHashSet());
        var rewriter = new GraphRewriter(graph);
        // Weights may be computed by nodes behind the first product.
        foreach (var node in graph.Nodes)
            if (node.Outputs.All(atLoad.Contains)) rewriter.Keep(node);
        foreach (var node in graph.Nodes)
        {
            if (first.TryGetValue(node, out var group)) Merge(rewriter, group);
            if (!members.Contains(node) && !node.Outputs.All(atLoad.Contains)) rewriter.Keep(node);
        }
        return rewriter.Finish();
    }

    private static List<List<Member>> Groups(Graph graph, HashSet<Value> atLoad, CompilerOptions options)
    {
        var users = GraphUsers.Of(graph);
        var products = new Dictionary<Value, List<Member>>();
        foreach (var node in graph.Nodes)
            if (MemberOf(node, atLoad, users) is { } member)
            {
                if (!products.TryGetValue(node.Inputs[0]!, out var list)) products[node.Inputs[0]!] = list = [];
                list.Add(member);
            }
        if (options.Refused is { } refused) RefuseConvolutions(graph, refused);
        var groups = new List<List<Member>>();
        foreach (var sharing in products.Values)
        {
            if (sharing.Count < 2) continue;
            foreach (var equal in sharing.GroupBy(m => m.Units).Select(g => g.ToList()))
            {
                var reason = equal.Count < 2 ? $"no other product of '{equal[0].Product.Inputs[0]!.Name}' has {equal[0].Units} units" : WhyNot(equal, users, options);
                if (reason is null) groups.Add(equal);
                else options.Refused?.Invoke(new FusionRefusal([.. (equal.Count < 2 ? sharing : equal).Select(m => m.Product.Name)], reason));
            }
        }
        return groups;
    }

    // Kernels can write a part of a channels-last tensor's channels, but not read one.
    private static void RefuseConvolutions(Graph graph, Action<FusionRefusal> refused)
    {
        var sharing = graph.Nodes.Where(n => n is { Operator: IChannelLinear, Inputs: [{ } input, { } weight, ..] } && weight.Shape.Rank == input.Shape.Rank && weight.Shape.Rank > 2 && weight.Shape.Product(2, weight.Shape.Rank) == 1)
            .GroupBy(n => n.Inputs[0]!);
        foreach (var group in sharing.Where(g => g.Count() > 1))
            refused(new FusionRefusal([.. group.Select(n => n.Name)], "as one convolution their results would have to be cut apart by copies, which costs more than reading the input once saves"));
    }

    private static Member? MemberOf(Node node, HashSet<Value> atLoad, GraphUsers users)
    {
        if (node.Operator is not IFullyConnected connected || connected.HasUnitsFirst(node) is not { } unitsFirst || node.Inputs[0]!.Shape.Rank < 2 || node.Outputs[0].Shape.ElementCount == 0) return null;
        if (!LoadTime.IsKnown(node.Inputs[1], atLoad) || LoadTime.IsKnown(node.Inputs[0], atLoad)) return null;
        var bias = node.Inputs.Count > 2 ? node.Inputs[2] : null;
        if (!LoadTime.IsKnown(bias, atLoad)) return null;
        var (output, units) = (node.Outputs[0], node.Outputs[0].Shape[-1]);
        // A sum with one number per unit right behind is a bias, too.
        if (bias is null && !users.IsKept(output) && users.Only(output) is { Operator.Name: "add", Outputs.Count: 1 } sum && sum.Outputs[0].Shape == output.Shape)
        {
            var summand = sum.Inputs[0] == output ? sum.Inputs[1] : sum.Inputs[0];
            if (summand is not null && summand != output && summand.Shape.ElementCount == units && summand.Shape[-1] == units && LoadTime.IsKnown(summand, atLoad))
                return new Member(node, sum, unitsFirst, summand);
        }
        return new Member(node, null, unitsFirst, bias);
    }

    private static string? WhyNot(List<Member> members, GraphUsers users, CompilerOptions options)
    {
        var output = members[0].Output;
        if (members[0].Units % 4 != 0) return $"{members[0].Units} units are not a multiple of four";
        if (output.Shape.ElementCount * DeviceTensor.ElementBytes % options.Profile.BufferAlignment != 0) return $"results of {output.Shape} would not begin where tensors may";
        if (members.Find(m => users.IsKept(m.Output)) is { } result) return $"'{result.Output.Name}' is a result of the graph and has memory of its own";
        // What would be saved: calls, and reading the input. What would be lost: an activation that can join a product's kernel, but not a view.
        var saved = (members.Count - 1) * (CallBytes + Bytes(members[0].Product.Inputs[0]!));
        var apart = members.Where(m => users.Only(m.Output) is { Operator: IPointwise pointwise } user && pointwise.ToStep(user) is not null).ToList();
        var lost = apart.Sum(m => CallBytes + (2 * Bytes(m.Output)));
        return lost >= saved ? $"the functions that follow {string.Join(" and ", apart.Select(m => $"'{m.Output.Name}'"))} would have to be computed apart" : null;
    }

    private static double Bytes(Value value) => (double)value.Shape.ElementCount * DeviceTensor.ElementBytes;

    private static void Merge(GraphRewriter rewriter, List<Member> members)
    {
        var (product, output, units) = (members[0].Product, members[0].Output, members[0].Units);
        var emit = new NodeEmitter(rewriter, product.Name);
        var weight = Join(emit, "weights", [.. members.Select((m, i) => Turned(emit, rewriter.Map(m.Product.Inputs[1]!), m.UnitsFirst, i))]);
        Value? bias = null;
        if (members.Exists(m => m.Bias is not null))
            bias = Join(emit, "biases", [.. members.Select((m, i) => m.Bias is { } own ? Flat(emit, rewriter.Map(own), i) : new Value($"{product.Name}/no bias {i}", TensorType.Float(units), ValueKind.Constant) { Data = Tensor.Zeros(TensorType.Float(units)) })]);
        IReadOnlyList<string> names = [.. members.SelectMany(m => m.Nodes).SelectMany(GraphRewriter.Names)];
        var whole = rewriter.Insert(rewriter.Registry.Get("merged_dense"), AttributeSet.Empty.With("parts", (long)members.Count), [rewriter.Map(product.Inputs[0]!), weight, bias], $"{product.Name}/merged", Layout.Dense, names).Outputs[0];
        var parts = rewriter.Insert(rewriter.Registry.Get("split"), AttributeSet.Empty.With("axis", 0L).With("parts", (long)members.Count), [whole], $"{product.Name}/parts", Layout.Dense).Outputs;
        for (var i = 0; i < members.Count; i++)
            rewriter.Replace(members[i].Output, rewriter.Insert(rewriter.Registry.Get("reshape"), Reshape(output.Shape), [parts[i]], $"{members[i].Output.Name}/part", Layout.Dense).Outputs[0]);
    }

    private static Value Turned(NodeEmitter emit, Value weight, bool unitsFirst, int index) => unitsFirst ? weight : emit.Emit($"weight {index}", "transpose", AttributeSet.Empty, weight);

    private static Value Flat(NodeEmitter emit, Value bias, int index) => bias.Shape.Rank == 1 ? bias : emit.Emit($"bias {index}", "reshape", Reshape([bias.Shape.ElementCount]), bias);

    private static Value Join(NodeEmitter emit, string name, IReadOnlyList<Value?> values) => emit.Emit(name, "concat", AttributeSet.Empty.With("axis", 0L), values);

    private static AttributeSet Reshape(Shape shape) => AttributeSet.Empty.With("shape", shape.ToArray());

    /// <summary>A product, with the sum behind it that is its bias.</summary>
    private sealed record Member(Node Product, Node? Sum, bool UnitsFirst, Value? Bias)
    {
        internal Value Output => (Sum ?? Product).Outputs[0];

        internal long Units => Output.Shape[-1];

        internal IReadOnlyList<Node> Nodes => Sum is null ? [Product] : [Product, Sum];
    }
}
