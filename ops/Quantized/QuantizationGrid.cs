using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Quantized;

/// <summary>Which scale and zero belong to an element: one for all, one for each index of an axis, or one for each block along an axis.</summary>
/// <param name="Axis">Size of the axis.</param>
/// <param name="Inner">Elements between neighbours along it.</param>
/// <param name="Block">Indices of the axis that share a scale.</param>
/// <param name="OuterStride">Scales from one outer index to the next.</param>
/// <param name="AxisStride">Scales from one block to the next.</param>
/// <param name="InnerStride">Scales from one inner index to the next.</param>
internal sealed record QuantizationGrid(long Axis, long Inner, long Block, long OuterStride, long AxisStride, long InnerStride)
{
    /// <summary>The axis that scales belong to.</summary>
    internal static AttributeDefinition<long> AxisAttribute { get; } = new("axis", "The axis that scales belong to; meaningless with a single scale.", 1L);

    /// <summary>Indices that share a scale.</summary>
    internal static AttributeDefinition<long> BlockSize { get; } = new("block_size", "Indices of the axis that share a scale, for scales of the input's rank; 0 for one scale, or one for each index.", 0L) { Minimum = 0 };

    /// <summary>Refuses scales and zeros that do not fit the input.</summary>
    internal static void Check(InferenceContext context)
    {
        var (input, scale) = (context.Input(0), context.RequireFloat(1));
        if (context.Has(2) && context.ShapeOf(2) != scale.Shape) context.Fail("VKN2470", $"the scales are {scale}, but the zeros {context.Input(2)}", "both must be of one shape");
        if (scale.Shape.ElementCount == 1) return;
        var (axis, block) = (context.Axis(context.Get(AxisAttribute), input.Shape.Rank), context.Get(BlockSize));
        if (block == 0)
        {
            if (scale.Shape != new Shape(input.Shape[axis])) context.Fail("VKN2470", $"the scales are {scale}, but axis {axis} of {input} has {input.Shape[axis]} indices", "one scale for all elements, or one for each index of the axis");
        }
        else if (scale.Shape != input.Shape.With(axis, (input.Shape[axis] + block - 1) / block))
            context.Fail("VKN2470", $"the scales are {scale}, but {input} has blocks {input.Shape.With(axis, (input.Shape[axis] + block - 1) / block)}", $"one scale for each block of {block} along axis {axis}");
    }

    /// <summary>The grid of a node that has been checked.</summary>
    internal static QuantizationGrid Of(AttributeSet attributes, Shape input, Shape scale)
    {
        if (scale.ElementCount == 1) return new(1, Math.Max(1, input.ElementCount), 1, 0, 0, 0);
        var axis = (int)attributes.Get(AxisAttribute);
        if (axis < 0) axis += input.Rank;
        var (inner, block) = (input.Product(axis + 1, input.Rank), attributes.Get(BlockSize));
        return block == 0 ? new(input[axis], inner, 1, 0, 1, 0) : new(input[axis], inner, block, scale[axis] * inner, inner, 1);
    }

    /// <summary>The number of the scale of an element.</summary>
    internal long PlaceOf(long element) => element / Inner / Axis * OuterStride + element / Inner % Axis / Block * AxisStride + element % Inner * InnerStride;

    /// <summary>Adds up the elements that share a scale.</summary>
    internal static Value SumByScale(GraphBuilder builder, AttributeSet attributes, Value elements, Shape scale)
    {
        var shape = elements.Shape;
        if (scale.ElementCount == 1) return Views.To(builder, Sum([.. Enumerable.Range(0, shape.Rank).Select(a => (long)a)], elements), scale);
        var axis = (int)attributes.Get(AxisAttribute);
        if (axis < 0) axis += shape.Rank;
        var block = attributes.Get(BlockSize);
        if (block == 0) return Views.To(builder, Sum([.. Enumerable.Range(0, shape.Rank).Where(a => a != axis).Select(a => (long)a)], elements), scale);
        var missing = scale[axis] * block - shape[axis];
        if (missing > 0) elements = builder.Apply("pad", AttributeSet.Empty.With(Layout.Pad.Pads, [0, missing]).With(Layout.Pad.Axes, [axis]), elements);
        return Views.To(builder, Sum([1], Views.To(builder, elements, [shape.Product(0, axis) * scale[axis], block, shape.Product(axis + 1, shape.Rank)])), scale);

        Value Sum(long[] axes, Value value) => axes.Length == 0 ? value : builder.Apply("reduce_sum", AttributeSet.Empty.With(Reduction.ReductionOperator.Axes, axes), value);
    }

    /// <summary>Writes the kernel call of a node: input, scales, zeros.</summary>
    internal static void Lower(LoweringContext context, bool back, (int Low, int High) limits)
    {
        var (input, scale, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var grid = Of(context.Node.Attributes, input.Shape, scale.Shape);
        context.Dispatch(context.Choose(QuantizationLinear.Family.Variants, input, scale))
            .Parameters(checked(new QuantizationLinear.Parameters
            {
                Count = (int)input.Shape.ElementCount, Axis = (int)grid.Axis, Inner = (int)grid.Inner, Block = (int)grid.Block, OuterStride = (int)grid.OuterStride,
                AxisStride = (int)grid.AxisStride, InnerStride = (int)grid.InnerStride, Low = limits.Low, High = limits.High,
            }))
            .Constant(QuantizationLinear.Constants.Back, back ? 1 : 0)
            .Constant(QuantizationLinear.Constants.HasZero, context.Has(2) ? 1 : 0)
            .Bind(QuantizationLinear.Bindings.Source, input)
            .Bind(QuantizationLinear.Bindings.Scales, scale)
            .Bind(QuantizationLinear.Bindings.Zeros, context.Has(2) ? context.Input(2) : scale)
            .Bind(QuantizationLinear.Bindings.Result, output)
            .Cost(2.0 * output.Shape.ElementCount, (double)input.Bytes + output.Bytes)
            .RunLinear((output.Shape.ElementCount + 3) / 4, 64);
    }
}
