using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>What convolutions share that are made of an unfolding and a matrix product.</summary>
internal static class ComposedConvolution
{
    /// <summary>The window of a node as attributes, with the weight's kernel.</summary>
    internal static AttributeSet WindowOf(AttributeSet attributes, Shape weight) => AttributeSet.Empty
        .With(WindowAttributes.Kernel, weight.AsSpan()[2..].ToArray())
        .With(WindowAttributes.Stride, attributes.Get(WindowAttributes.Stride))
        .With(WindowAttributes.Dilation, attributes.Get(WindowAttributes.Dilation))
        .With(WindowAttributes.Padding, attributes.Get(WindowAttributes.Padding))
        .With(WindowAttributes.AutoPadding, attributes.Get(WindowAttributes.AutoPadding));

    /// <summary>The shape of the result; refuses what does not fit.</summary>
    internal static Shape OutputShape(InferenceContext context, int input, int weight)
    {
        var (shape, filters, groups) = (context.ShapeOf(input), context.ShapeOf(weight), context.Get(Conv.Groups));
        if (shape.Rank is < 3 or > 5 || filters.Rank != shape.Rank) context.Fail("VKN2473", $"input {context.Input(input)} and weight {context.Input(weight)} do not fit", "[N, C, spatial...] and [filters, C / groups, kernel...] with 1 to 3 spatial axes");
        Conv.CheckGroups(context, shape[1], filters[0]);
        if (filters[1] * groups != shape[1]) context.Fail("VKN2473", $"the weight {context.Input(weight)} takes {filters[1]} channels for each of {groups} groups, but the input is {context.Input(input)}");
        var geometry = FoldGeometry.Of(WindowOf(context.Attributes, filters), shape.AsSpan()[2..].ToArray(), (code, message, help) => context.Fail(code, message, help));
        return new Shape([shape[0], filters[0], .. geometry.Counts]);
    }

    /// <summary>Unfolded windows times filters.</summary>
    /// <param name="context">Builds the nodes.</param>
    /// <param name="columns">[N, C taps, windows].</param>
    /// <param name="weight">[filters, C / groups, kernel...].</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="counts">Windows along each spatial axis.</param>
    internal static Value Product(DecompositionContext context, Value columns, Value weight, long groups, long[] counts)
    {
        var (batch, filters, builder) = (columns.Shape[0], weight.Shape[0], context.Builder);
        var depth = columns.Shape[1] / groups;
        var product = context.Apply("matmul", Views.To(builder, weight, [groups, filters / groups, depth]), Views.To(builder, columns, [batch, groups, depth, columns.Shape[2]]));
        return Views.To(builder, product, new Shape([batch, filters, .. counts]));
    }
}
