using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>
/// A convolution whose taps are moved by offsets and weighted by a mask, both computed elsewhere (Dai et al., "Deformable convolutional
/// networks", 2017; Zhu et al., "Deformable ConvNets v2", 2019). Made of an unfolding and a matrix product.
/// </summary>
public sealed class DeformConv : CompositeOperator, IImportable
{
    /// <summary>Groups of channels with offsets of their own.</summary>
    public static AttributeDefinition<long> OffsetGroups { get; } = new("offset_groups", "Groups of channels with offsets (and masks) of their own.", 1L) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "deform_conv2d";

    /// <inheritdoc/>
    public override string Summary => "Convolution whose taps are moved by offsets and weighted by a mask.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, H, W]"), new("weight", "[filters, C / groups, kH, kW]"), new("offsets", "[N, offset_groups * kH * kW * 2, H', W'], y before x"),
        new("bias", "[filters]") { Optional = true }, new("mask", "[N, offset_groups * kH * kW, H', W']") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [WindowAttributes.Stride, WindowAttributes.Dilation, WindowAttributes.Padding, WindowAttributes.AutoPadding, Conv.Groups, OffsetGroups];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("DeformConv", 19, Import)];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(1, 2, 3, 4), Reals(2, 2, 2, 2), RealsWithin(-0.9, 0.9, 1, 2 * 4, 2, 3), Reals(2), Reals(1, 4, 2, 3)),
        new OperatorSample(Reals(2, 4, 5, 7), Reals(6, 2, 2, 3), Reals(2, 2 * 6 * 2, 6, 7), Reals(6), Reals(2, 2 * 6, 6, 7)).With(WindowAttributes.Padding, [1]).With(Conv.Groups, 2).With(OffsetGroups, 2),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        if (context.ShapeOf(0).Rank != 4) context.RequireRank(0, 4);
        var shape = ComposedConvolution.OutputShape(context, 0, 1);
        if (context.Has(3) && context.ShapeOf(3) != new Shape(shape[1])) context.Fail("VKN2336", $"the bias is {context.Input(3)}, but [{shape[1]}] is needed");
        return [type with { Shape = shape }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        var (input, weight) = (context.Input(0), context.Input(1));
        var attributes = ComposedConvolution.WindowOf(context.Attributes, weight.Shape).With(OffsetGroups, context.Get(OffsetGroups));
        var columns = context.Apply("deform_im2col2d", attributes, input, context.Input(2), context.Has(4) ? context.Input(4) : null);
        var product = ComposedConvolution.Product(context, columns, weight, context.Get(Conv.Groups), context.Input(2).Shape.AsSpan()[2..].ToArray());
        return [context.Has(3) ? context.Apply("add", product, Views.To(context.Builder, context.Input(3), [weight.Shape[0], 1, 1])) : product];
    }

    private static Value Import(ImportNode node)
    {
        if (node.Input(0).Shape.Rank != 4) node.Fail("VKN3306", $"a deformable convolution over {node.Input(0).Shape.Rank - 2} spatial axes is not known", "2 are");
        var attributes = ConvolutionTexts.FromOnnx(node, 2).With(WindowAttributes.Kernel, null).With(Conv.Groups, node.Integer("group", 1)).With(OffsetGroups, node.Integer("offset_group", 1));
        return node.Emit("deform_conv2d", attributes, node.Input(0), node.Input(1), node.Input(2), Optional(3), Optional(4));

        Value? Optional(int index) => node.HasInput(index) ? node.Input(index) : null;
    }
}
