using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Tensors;

namespace VkNet.Operators.ControlFlow;

/// <summary>
/// The products of a region's body with matrices that are the same in every step. What enters such a product and the gradient that arrives
/// at it are kept for all steps; the gradients of the matrix and of a bias are then one product and one sum over steps and rows together.
/// </summary>
internal sealed class ScanProducts
{
    private readonly Graph _body;

    private ScanProducts(Graph body, List<Node> nodes, HashSet<Value> weights)
    {
        (_body, Nodes, Weights) = (body, nodes, weights);
        Entering = [.. nodes.Select(n => n.Inputs[0]!)];
    }

    /// <summary>The products, in the body's order.</summary>
    internal IReadOnlyList<Node> Nodes { get; }

    /// <summary>The first operand of each.</summary>
    internal IReadOnlyList<Value> Entering { get; }

    /// <summary>The body's inputs whose gradients come from these products alone.</summary>
    internal IReadOnlySet<Value> Weights { get; }

    /// <summary>Finds the products of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="invariant">Inputs that are the same in every step and whose gradients are wanted.</param>
    internal static ScanProducts Find(Graph body, IReadOnlyList<Value> invariant)
    {
        var products = body.Nodes.Where(IsProduct).ToHashSet();
        var results = body.Outputs.Select(o => o.Value).ToHashSet();
        var weights = invariant.Where(v => !results.Contains(v) && body.Nodes.Any(n => n.Inputs.Contains(v)) && body.Nodes.All(n => Uses(n, v))).ToHashSet();
        return new ScanProducts(body, [.. body.Nodes.Where(n => products.Contains(n) && n.Inputs.Skip(1).Any(i => i is not null && weights.Contains(i)))], weights);

        bool Uses(Node node, Value value) => !node.Inputs.Contains(value) || (products.Contains(node) && node.Inputs[0] != value);
    }

    /// <summary>Adds the gradients.</summary>
    /// <param name="builder">The enclosing graph.</param>
    /// <param name="inputOf">The enclosing graph's value for an input of the body.</param>
    /// <param name="upstream">The gradients of the products, along a first axis of steps.</param>
    /// <param name="entering">Their first operands, likewise.</param>
    /// <returns>The position among the body's inputs, and the gradient, of each of <see cref="Weights"/>.</returns>
    internal IEnumerable<KeyValuePair<int, Value>> Gradients(GraphBuilder builder, Func<int, Value> inputOf, IReadOnlyList<Value> upstream, IReadOnlyList<Value> entering)
    {
        var sums = new Dictionary<int, Value>();
        for (var k = 0; k < Nodes.Count; k++)
        {
            var node = Nodes[k];
            var inputs = node.Inputs.Select((v, i) => i == 0 ? Rows(entering[k]) : v is null ? null : Outer(v)).ToArray();
            var whole = builder.Add(node.Operator, node.Attributes, inputs)[0].Producer!;
            var needed = node.Inputs.Select((v, i) => i > 0 && v is not null && Weights.Contains(v)).ToArray();
            var found = node.Operator.Differentiate(new GradientContext(builder, whole, [Rows(upstream[k])], needed));
            for (var i = 1; i < needed.Length; i++)
            {
                if (!needed[i]) continue;
                var place = Position(node.Inputs[i]!);
                sums[place] = sums.TryGetValue(place, out var sum) ? builder.Apply("add", null, sum, found[i]!) : found[i]!;
            }
        }
        return sums;

        int Position(Value value)
        {
            for (var i = 0; i < _body.Inputs.Count; i++)
                if (_body.Inputs[i] == value) return i;
            return -1;
        }

        Value Outer(Value value) => Position(value) is >= 0 and var place ? inputOf(place) : builder.Constant(value.Constant!);

        // Steps and rows become one axis.
        Value Rows(Value stacked) => Views.To(builder, stacked, [stacked.Shape.Product(0, stacked.Shape.Rank - 1), stacked.Shape[-1]]);
    }

    // A second operand that is computed in the body stands for other products than this one.
    private static bool IsProduct(Node node) => node.Operator switch
    {
        Dense => IsGiven(node.Inputs[1]) && node.Inputs.Skip(2).All(b => b is null || IsGiven(b)),
        MatMul => node.Inputs[0]!.Shape.Rank == 2 && node.Inputs[1]!.Shape.Rank == 2 && !node.Get(MatMul.TransposeA) && IsGiven(node.Inputs[1]),
        _ => false,
    };

    private static bool IsGiven(Value? value) => value is { Kind: ValueKind.Input or ValueKind.Constant };
}
