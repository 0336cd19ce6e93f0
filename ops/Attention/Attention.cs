using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Attention;

/// <summary>
/// Multi-head attention over queries, keys and values that are already projected (Vaswani et al., 2017), with as many heads of keys and
/// values as of queries, fewer (grouped queries), or one: [N, L, H D], or [N, H, L, D] with the heads as an axis.
/// </summary>
public sealed class Attention : CompositeOperator, IImportable
{
    private const int Mask = 3, Lengths = 4;

    /// <summary>Heads of the queries.</summary>
    public static AttributeDefinition<long> Heads { get; } = new("heads", "Heads of the queries; needed for three axes.", 0) { Minimum = 1 };

    /// <summary>Heads of the keys and values.</summary>
    public static AttributeDefinition<long> SharedHeads { get; } = new("kv_heads", "Heads of the keys and values; as many as of the queries when absent.", 0) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "attention";

    /// <inheritdoc/>
    public override string Summary => "Multi-head attention: for every head, softmax(scale * Q K^T + mask) V; memory grows linearly with the lengths.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("query", "[N, L, H D] or [N, H, L, D]"),
        new("key", "[N, S, K D] or [N, K, S, D]"),
        new("value", "[N, S, K V] or [N, K, S, V]"),
        new("mask", "broadcasts to [N, H, L, S]: reals that are added to the scores, or truth values, false where a key is not to be seen") { Optional = true },
        new("lengths", "[N] whole numbers: how many keys each sequence has") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Heads, SharedHeads, AttentionCore.Scale, AttentionCore.Causal, AttentionCore.Offset, AttentionCore.Softcap];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [new ImportRule("Attention", 23, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 5, 24), Reals(2, 7, 12), Reals(2, 7, 8)).With(Heads, 4).With(SharedHeads, 2).With(AttentionCore.Causal, true),
        new(Reals(2, 3, 5, 8), Reals(2, 3, 7, 8), Reals(2, 3, 7, 4)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var query = context.RequireFloat(0);
        if (query.Shape.Rank == 4) return [query with { Shape = query.Shape.With(3, context.RequireRank(2, 4)[3]) }];
        var (heads, shared) = HeadsOf(context.Attributes);
        var (key, value) = (context.RequireRank(1, 3), context.RequireRank(2, 3));
        context.RequireRank(0, 3);
        if (heads == 0) context.Fail("VKN2765", $"'heads' is missing, and the queries are {query}", "say how many heads share the last axis, e.g. heads: 8");
        if (query.Shape[2] % heads != 0 || key[2] % shared != 0 || value[2] % shared != 0) context.Fail("VKN2766", $"queries {query.Shape}, keys {key} and values {value} do not divide into {heads} and {shared} heads");
        return [query with { Shape = query.Shape.With(2, heads * (value[2] / shared)) }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (heads, shared) = HeadsOf(context.Attributes);
        var attributes = AttributeSet.Empty.With(AttentionCore.Scale, context.Get(AttentionCore.Scale)).With(AttentionCore.Causal, context.Get(AttentionCore.Causal))
            .With(AttentionCore.Offset, context.Get(AttentionCore.Offset)).With(AttentionCore.Softcap, context.Get(AttentionCore.Softcap));
        var isFlat = context.Input(0).Shape.Rank == 3;
        Value Split(int input, long count) => isFlat ? SplitHeads(context.Builder, context.Input(input), count) : context.Input(input);
        var result = context.Apply("attention_core", attributes, Split(0, heads), Split(1, shared), Split(2, shared), context.Find(Mask), context.Find(Lengths));
        return [isFlat ? JoinHeads(context, result) : result];
    }

    /// <summary>[N, L, H D] as [N, H, L, D].</summary>
    internal static Value SplitHeads(GraphBuilder builder, Value flat, long heads)
    {
        var split = Views.To(builder, flat, [flat.Shape[0], flat.Shape[1], heads, flat.Shape[2] / heads]);
        return builder.Apply("transpose", AttributeSet.Empty.With(Transpose.Permutation, [0, 2, 1, 3]), split);
    }

    private static Value JoinHeads(DecompositionContext context, Value heads)
    {
        var turned = context.Apply("transpose", AttributeSet.Empty.With(Transpose.Permutation, [0, 2, 1, 3]), heads);
        var shape = turned.Shape;
        return context.Apply("reshape", AttributeSet.Empty.With(Reshape.Shape, [shape[0], shape[1], shape[2] * shape[3]]).With(Reshape.AllowZero, true), turned);
    }

    private static (long Heads, long Shared) HeadsOf(AttributeSet attributes) => (attributes.Get(Heads), attributes.Get(SharedHeads) is > 0 and var shared ? shared : attributes.Get(Heads));

    // Q, K, V, attn_mask, past_key, past_value, nonpad_kv_seqlen -> Y, present_key, present_value, qk_matmul_output.
    private static IReadOnlyList<Value> Import(ImportNode node)
    {
        var isFlat = node.Input(0).Shape.Rank == 3;
        var (heads, shared) = (node.Integer("q_num_heads", 0), node.Integer("kv_num_heads", 0));
        if (isFlat && (heads < 1 || shared < 1)) node.Fail("VKN3440", $"its queries are {node.Input(0).Type}, but q_num_heads or kv_num_heads is missing");
        Value Heads(int input, long count) => isFlat ? SplitHeads(node.Builder, node.Input(input), count) : node.Input(input);
        var (query, key, value) = (Heads(0, heads), Heads(1, shared), Heads(2, shared));
        var past = node.HasInput(4) ? node.Input(4).Shape[2] : 0;
        if (node.HasInput(4)) key = node.Emit("concat", AttributeSet.Empty.With(Concat.Axis, 2), node.Input(4), key);
        if (node.HasInput(5)) value = node.Emit("concat", AttributeSet.Empty.With(Concat.Axis, 2), node.Input(5), value);
        var mask = node.HasInput(3) ? Padded(node, node.Input(3), key.Shape[2]) : null;
        var lengths = node.HasInput(6) ? node.Emit("cast", AttributeSet.Empty.With(Cast.To, "i32"), node.Input(6)) : null;
        var attributes = AttributeSet.Empty.With(AttentionCore.Causal, node.Integer("is_causal", 0) != 0).With(AttentionCore.Offset, past).With(AttentionCore.Softcap, node.Real("softcap", 0));
        if (node.Has("scale")) attributes = attributes.With(AttentionCore.Scale, node.Real("scale", 0));
        Value result;
        Value? scores = null;
        if (node.OutputNames.Count > 3 && node.OutputNames[3].Length > 0)
        {
            var formula = AttentionFormula.Of(node.Builder, attributes, query, key, value, mask, lengths, float.NegativeInfinity);
            result = formula.Result;
            scores = node.Integer("qk_matmul_output_mode", 0) switch { 0 => formula.Scores, 1 => formula.Capped, 2 => formula.Masked, _ => formula.Weights };
        }
        else result = node.Emit("attention_core", attributes, query, key, value, mask, lengths);
        if (isFlat)
        {
            var turned = node.Emit("transpose", AttributeSet.Empty.With(Transpose.Permutation, [0, 2, 1, 3]), result);
            result = node.Emit("reshape", AttributeSet.Empty.With(Reshape.Shape, [turned.Shape[0], turned.Shape[1], turned.Shape[2] * turned.Shape[3]]).With(Reshape.AllowZero, true), turned);
        }
        return scores is null ? [result, key, value] : [result, key, value, scores];
    }

    // A mask may end before the keys do: what it leaves out is not seen.
    private static Value Padded(ImportNode node, Value mask, long keys)
    {
        var rank = mask.Shape.Rank;
        if (rank == 0 || mask.Shape[-1] == 1 || mask.Shape[-1] >= keys) return mask;
        var unseen = Tensor.Zeros(mask.DataType, new Shape([.. mask.Shape.Take(rank - 1), keys - mask.Shape[-1]]));
        if (mask.DataType.IsFloat()) ElementConversion.StoreReals(unseen, [.. Enumerable.Repeat(double.NegativeInfinity, unseen.Count)]);
        return node.Emit("concat", AttributeSet.Empty.With(Concat.Axis, -1), mask, node.Builder.Constant(unseen));
    }
}
