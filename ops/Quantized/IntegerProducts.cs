using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;

namespace VkNet.Operators.Quantized;

/// <summary>Products of quantised tensors, made of exact 32-bit sums: quantised numbers less their zeros are multiplied as whole numbers.</summary>
internal static class IntegerProducts
{
    /// <summary>Quantised numbers less their zeros, as 32-bit whole numbers. Several zeros belong to an axis and are laid along it.</summary>
    /// <param name="context">Builds the nodes.</param>
    /// <param name="value">The quantised numbers.</param>
    /// <param name="zero">Their zeros; null where they are 0.</param>
    /// <param name="axesBehind">Axes behind the one that zeros belong to.</param>
    internal static Value Shifted(DecompositionContext context, Value value, Value? zero, int axesBehind)
    {
        var whole = Whole(context, value);
        return zero is null ? whole : context.Apply("sub", whole, Along(context, Whole(context, zero), axesBehind));
    }

    /// <summary>A list that belongs to an axis, with axes of size 1 behind; a single element as a scalar.</summary>
    internal static Value Along(DecompositionContext context, Value list, int axesBehind) =>
        list.Shape.ElementCount == 1 ? Views.To(context.Builder, list, Shape.Scalar)
        : list.Shape.Rank == 1 ? Views.To(context.Builder, list, new Shape([list.Shape[0], .. Enumerable.Repeat(1L, axesBehind)]))
        : list;

    /// <summary>The matrix product of quantised matrices.</summary>
    internal static Value Multiply(DecompositionContext context, Value a, Value b, Value? zeroA, Value? zeroB) =>
        context.Apply("matmul", Shifted(context, a, zeroA, 1), Shifted(context, b, zeroB, 0));

    /// <summary>The convolution of a quantised picture: unfolded, then one matrix product for each group.</summary>
    internal static Value Convolve(DecompositionContext context, Value input, Value weight, Value? zeroInput, Value? zeroWeight)
    {
        var axes = input.Shape.Rank - 2;
        var attributes = ComposedConvolution.WindowOf(context.Attributes, weight.Shape);
        var columns = context.Apply($"im2col{axes}d", attributes, Shifted(context, input, zeroInput, axes));
        var counts = FoldGeometry.Of(attributes, input.Shape.AsSpan()[2..].ToArray()).Counts;
        return ComposedConvolution.Product(context, columns, Shifted(context, weight, zeroWeight, 1 + axes), context.Get(Conv.Groups), counts);
    }

    /// <summary>Sums of products as quantised numbers of another scale: round(sum * a b / y) + zero.</summary>
    internal static Value Requantized(DecompositionContext context, Value sums, Value scaleA, Value scaleB, Value scaleY, Value zeroY)
    {
        var factor = context.Apply("div", context.Apply("mul", Single(scaleA), Single(scaleB)), Single(scaleY));
        var reals = context.Apply("mul", context.Apply("cast", AttributeSet.Empty.With(Cast.To, "f32"), sums), factor);
        return context.Apply("quantize_linear", reals, context.Builder.Constant(1), Along(context, zeroY, 0));

        Value Single(Value scale) => scale.DataType == DataType.Float32 ? scale : context.Apply("cast", AttributeSet.Empty.With(Cast.To, "f32"), scale);
    }

    /// <summary>Refuses what is no 8-bit type.</summary>
    internal static void RequireNarrow(InferenceContext context, int input)
    {
        if (context.Input(input).DataType is not (DataType.Int8 or DataType.UInt8))
            context.Fail("VKN2472", $"input '{context.Operator.InputName(input)}' is {context.Input(input)}, but 8-bit whole numbers (i8 or u8) are needed");
    }

    /// <summary>Refuses a zero or scale that is neither one element nor one for each index of an axis.</summary>
    internal static void CheckPerAxis(InferenceContext context, int input, long count)
    {
        if (!context.Has(input) || context.ShapeOf(input).ElementCount == 1 || context.ShapeOf(input).ElementCount == count) return;
        context.Fail("VKN2474", $"input '{context.Operator.InputName(input)}' is {context.Input(input)}, but one element or {count} are needed");
    }

    private static Value Whole(DecompositionContext context, Value value) => context.Apply("cast", AttributeSet.Empty.With(Cast.To, "i32"), value);
}
