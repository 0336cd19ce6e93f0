using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Attention;

/// <summary>
/// Scaled dot-product attention of every head (Vaswani et al., 2017): y = softmax(scale * Q K^T + mask) V. On a device it goes through the
/// keys in blocks with an online softmax (Milakov, Gimelshein 2018; Rabe, Staats 2021), so that memory grows with the number of queries
/// and keys, not with their product. Queries may have more heads than keys and values (grouped queries: Ainslie et al., 2023).
/// </summary>
public sealed partial class AttentionCore : Operator
{
    private const int Mask = 3, Lengths = 4;

    /// <summary>Factor on the products.</summary>
    public static AttributeDefinition<double?> Scale { get; } = new("scale", "Factor on the products of queries and keys; one over the root of a head's size when absent.");

    /// <summary>Whether a query sees only keys up to its own place.</summary>
    public static AttributeDefinition<bool> Causal { get; } = new("causal", "Whether a query sees only the keys up to its own place.", false);

    /// <summary>Keys before the first query's own.</summary>
    public static AttributeDefinition<long> Offset { get; } = new("offset", "How many keys stand before that of the first query (a cache). With 'lengths', the last query's key is the last of its sequence instead.", 0) { Minimum = 0 };

    /// <summary>Bound that scores approach.</summary>
    public static AttributeDefinition<double> Softcap { get; } = new("softcap", "Scores become softcap * tanh(score / softcap) before the mask; 0 for no bound.", 0.0);

    /// <inheritdoc/>
    public override string Name => "attention_core";

    /// <inheritdoc/>
    public override string Summary => "Scaled dot-product attention of every head: y = softmax(scale * Q K^T + mask) V, with an online softmax.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("query", "[N, H, L, D]"),
        new("key", "[N, K, S, D], where H is a multiple of K"),
        new("value", "[N, K, S, V]"),
        new("mask", "broadcasts to [N, H, L, S]: reals that are added to the scores, or truth values, false where a key is not to be seen") { Optional = true },
        new("lengths", "[N] whole numbers: how many keys each sequence has") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Scale, Causal, Offset, Softcap];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(2, 3, 5, 7), Reals(2, 3, 9, 7), Reals(2, 3, 9, 6)),
        new OperatorSample(Reals(2, 4, 6, 8), Reals(2, 2, 11, 8), Reals(2, 2, 11, 8), Truths(6, 11), Integers(0, 12, 2)).With(Softcap, 2),
        new OperatorSample(Reals(1, 4, 600, 16), Reals(1, 2, 600, 16), Reals(1, 2, 600, 8), Reals(1, 1, 600, 600)).With(Causal, true),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        for (var i = 0; i < 3; i++)
        {
            context.RequireFloat(i);
            context.RequireRank(i, 4);
        }
        var (query, key, value) = (context.ShapeOf(0), context.ShapeOf(1), context.ShapeOf(2));
        if (query[0] != key[0] || key[0] != value[0] || query[3] != key[3] || key[1] != value[1] || key[2] != value[2])
            context.Fail("VKN2760", $"queries {query}, keys {key} and values {value} do not fit", "[N, H, L, D], [N, K, S, D] and [N, K, S, V]");
        if (key[1] == 0 ? query[1] != 0 : query[1] % key[1] != 0) context.Fail("VKN2761", $"{query[1]} heads of queries cannot share {key[1]} of keys", "the first must be a multiple of the second");
        Shape scores = [query[0], query[1], query[2], key[2]];
        if (context.Has(Mask) && (!(context.Input(Mask).DataType.IsFloat() || context.Input(Mask).DataType == DataType.Bool) || context.ShapeOf(Mask).Rank > 4 || Shape.Broadcast(context.ShapeOf(Mask), scores) != scores))
            context.Fail("VKN2762", $"the mask is {context.Input(Mask)}, which does not broadcast to {scores}", "reals to add, or truth values, for [N, H, L, S]");
        if (context.Has(Lengths) && (!context.Input(Lengths).DataType.IsInteger() || context.ShapeOf(Lengths) != new Shape(query[0])))
            context.Fail("VKN2763", $"the lengths are {context.Input(Lengths)}, but {query[0]} whole numbers are needed", "one for each sequence");
        if (context.Get(Softcap) < 0) context.Fail("VKN2764", $"'softcap' is {context.Get(Softcap)}", "it is a positive bound, or 0 for none");
        return [context.Input(0) with { Shape = query.With(3, value[3]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (q, k, v) = (context.ShapeOf(0), context.ShapeOf(1), context.ShapeOf(2));
        var (heads, queries, keys, depth, width, group) = ((int)q[1], (int)q[2], (int)k[2], (int)q[3], (int)v[3], k[1] == 0 ? 1 : (int)(q[1] / k[1]));
        var (queryValues, keyValues, values) = (context.Reals(0), context.Reals(1), context.Reals(2));
        var mask = context.Has(Mask) ? context.Reals(Mask) : null;
        var isTruth = mask is not null && context.Input(Mask).DataType == DataType.Bool;
        var strides = mask is null ? null : MaskStrides(context.ShapeOf(Mask));
        var lengths = context.Has(Lengths) ? context.Integers(Lengths) : null;
        var (scale, cap) = (ScaleOf(context.Attributes, depth), context.Get(Softcap));
        var result = new double[context.Output(0).Shape.ElementCount];
        Parallel.For(0, (int)q[0] * heads * queries, row =>
        {
            var (n, h, i) = (row / queries / heads, row / queries % heads, row % queries);
            var shared = (n * (int)k[1] + h / group) * keys;
            long length = lengths?[n] ?? keys;
            var seen = Math.Min(length, keys);
            if (context.Get(Causal)) seen = Math.Min(seen, i + 1 + (lengths is null ? context.Get(Offset) : length - queries));
            var scores = new double[Math.Max(0, seen)];
            for (var j = 0; j < scores.Length; j++)
            {
                var score = 0.0;
                for (var d = 0; d < depth; d++) score += queryValues[row * depth + d] * keyValues[(shared + j) * depth + d];
                score *= scale;
                if (cap > 0) score = cap * Math.Tanh(score / cap);
                if (mask is not null)
                {
                    var bias = mask[n * strides![0] + h * strides[1] + i * strides[2] + j * strides[3]];
                    score = isTruth ? (bias != 0 ? score : double.NegativeInfinity) : score + bias;
                }
                scores[j] = score;
            }
            var top = scores.Length == 0 ? double.NegativeInfinity : scores.Max();
            // A query that sees no key gives zeros.
            if (double.IsNegativeInfinity(top)) return;
            var sum = 0.0;
            for (var j = 0; j < scores.Length; j++) sum += scores[j] = Math.Exp(scores[j] - top);
            for (var j = 0; j < scores.Length; j++)
                for (var d = 0; d < width; d++) result[row * width + d] += scores[j] / sum * values[(shared + j) * width + d];
        });
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var (q, k, v) = (node.Inputs[0]!.Shape, node.Inputs[1]!.Shape, node.Inputs[2]!.Shape);
        return new OperatorCost(2.0 * q[0] * q[1] * q[2] * k[2] * (q[3] + v[3]), base.Cost(node).Bytes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (builder, node) = (context.Builder, context.Node);
        // Copies cut the formula off from whatever else links the inputs.
        var inputs = node.Inputs.Select(i => i is null ? null : builder.Apply("identity", null, i)).ToArray();
        Value? Input(int index) => index < inputs.Length ? inputs[index] : null;
        var formula = AttentionFormula.Of(builder, node.Attributes, inputs[0]!, inputs[1]!, inputs[2]!, Input(Mask), Input(Lengths), AttentionFormula.FiniteUnseen);
        var wanted = Enumerable.Range(0, inputs.Length).Where(i => context.Needed[i]).ToArray();
        var gradients = Gradients.Of(builder, [new(formula.Result, context.Upstream)], [.. wanted.Select(i => inputs[i]!)]);
        var result = new Value?[inputs.Length];
        for (var i = 0; i < wanted.Length; i++) result[wanted[i]] = gradients[i];
        return result;
    }

    internal static double ScaleOf(AttributeSet attributes, long depth) => attributes.Get(Scale) ?? 1 / Math.Sqrt(Math.Max(1, depth));

    // Elements of a mask from one batch entry, head, query and key to the next; 0 where it is repeated.
    private static long[] MaskStrides(Shape mask)
    {
        var strides = new long[4];
        var stride = 1L;
        for (var axis = mask.Rank - 1; axis >= 0; axis--)
        {
            strides[4 - mask.Rank + axis] = mask[axis] == 1 ? 0 : stride;
            stride *= mask[axis];
        }
        return strides;
    }
}
