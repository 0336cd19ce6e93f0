using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Layout;
using VkNet.Tensors;

namespace VkNet.Operators.Attention;

/// <summary>Attention written out, with all scores in memory: for its gradient, and where the scores themselves are wanted.</summary>
/// <param name="Scores">[N, H, L, S]: the scaled products.</param>
/// <param name="Capped">The same after the softcap.</param>
/// <param name="Masked">The same after the masks.</param>
/// <param name="Weights">Their softmax.</param>
/// <param name="Result">[N, H, L, V].</param>
internal sealed record AttentionFormula(Value Scores, Value Capped, Value Masked, Value Weights, Value Result)
{
    /// <summary>The score of what is not seen. For gradients a finite one, since the slope of the softmax has none at minus infinity.</summary>
    internal const float FiniteUnseen = -3e38f;

    internal static AttentionFormula Of(GraphBuilder builder, AttributeSet attributes, Value query, Value key, Value value, Value? mask, Value? lengths, float unseen)
    {
        var (heads, shared, queries, keys) = (query.Shape[1], key.Shape[1], query.Shape[2], key.Shape[2]);
        if (heads != shared) (key, value) = (Repeated(builder, key, heads / shared), Repeated(builder, value, heads / shared));
        var scores = Formula.Of(builder, builder.Apply("matmul", AttributeSet.Empty.With(MatMul.TransposeB, true), query, key)) * AttentionCore.ScaleOf(attributes, query.Shape[3]);
        var capped = scores;
        if (attributes.Get(AttentionCore.Softcap) is > 0 and var cap) capped = (scores * (1 / cap)).Apply("tanh") * cap;
        var masked = capped;
        if (mask is not null) masked = mask.DataType == DataType.Bool ? Seen(builder, mask, masked, unseen) : masked + Formula.Of(builder, mask);
        var ends = lengths is null ? null : builder.Apply("cast", AttributeSet.Empty.With(Pointwise.Cast.To, "i32"), Views.To(builder, lengths, [lengths.Shape[0], 1, 1, 1]));
        if (ends is not null) masked = Seen(builder, builder.Apply("less", null, Range(builder, keys, [keys], 0), ends), masked, unseen);
        if (attributes.Get(AttentionCore.Causal))
        {
            // Query i sees the keys up to i + offset; with lengths, the last query sees the last key.
            var last = ends is null ? Range(builder, queries, [queries, 1], attributes.Get(AttentionCore.Offset)) : builder.Apply("add", null, Range(builder, queries, [queries, 1], -queries), ends);
            masked = Seen(builder, builder.Apply("less_equal", null, Range(builder, keys, [keys], 0), last), masked, unseen);
        }
        // A query that sees no key has no weights.
        Value weights = masked.IsAbove(-1e38).Choose(Formula.Of(builder, builder.Apply("softmax", AttributeSet.Empty.With("axis", -1L), masked)), masked.Constant(0));
        return new(scores, capped, masked, weights, builder.Apply("matmul", null, weights, value));
    }

    private static Formula Seen(GraphBuilder builder, Value condition, Formula scores, float unseen)
    {
        var shape = scores.Value.Shape;
        var full = condition.Shape == shape ? condition : builder.Apply("expand", AttributeSet.Empty.With(Expand.Shape, shape.ToArray()), condition);
        return Formula.Of(builder, builder.Apply("where", null, full, scores, builder.Constant(unseen)));
    }

    private static Value Range(GraphBuilder builder, long count, Shape shape, long first) =>
        Views.To(builder, builder.Apply("range", AttributeSet.Empty.With(NumberRange.Start, first).With(NumberRange.Limit, first + count).With(NumberRange.Type, "i32")), shape);

    // Every head as often as there are heads of queries that share it, side by side.
    private static Value Repeated(GraphBuilder builder, Value heads, long times)
    {
        var shape = heads.Shape;
        var wide = builder.Apply("expand", AttributeSet.Empty.With(Expand.Shape, [shape[0], shape[1], times, shape[2], shape[3]]), Views.To(builder, heads, [shape[0], shape[1], 1, shape[2], shape[3]]));
        return Views.To(builder, wide, [shape[0], shape[1] * times, shape[2], shape[3]]);
    }
}
