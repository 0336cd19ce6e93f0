using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Quantized;

/// <summary>The convolution of quantised pictures, quantised again: exact sums in 32-bit whole numbers, one rounding at the end.</summary>
public sealed class QLinearConv : CompositeOperator, IImportable
{
    /// <inheritdoc/>
    public override string Name => "qlinear_conv";

    /// <inheritdoc/>
    public override string Summary => "The convolution of quantised tensors, quantised: round((sums + bias) scale_input scale_weight / scale_y) + zero_y.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, spatial...], 8-bit"), new("scale_input", "one"), new("zero_input", "one"),
        new("weight", "[filters, C / groups, kernel...], 8-bit"), new("scale_weight", "one, or one for each filter"), new("zero_weight", "as scale_weight"),
        new("scale_y", "one"), new("zero_y", "one, of the result's type"),
        new("bias", "[filters], i32, of scale scale_input * scale_weight") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [WindowAttributes.Stride, WindowAttributes.Dilation, WindowAttributes.Padding, WindowAttributes.AutoPadding, Conv.Groups];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("QLinearConv", 10, node => node.Emit("qlinear_conv", ConvInteger.Window(node, 0), [.. Enumerable.Range(0, 8).Select(node.Input), QuantizedImport.Optional(node, 8)])),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(IntegersOf(DataType.UInt8, 0, 255, 2, 4, 7, 6), Of(Tensor.Scalar(0.02f)), IntegersOf(DataType.UInt8, 128, 128, 1), IntegersOf(DataType.Int8, -128, 127, 6, 2, 3, 2), RealsWithin(0.01, 0.02, 6), IntegersOf(DataType.Int8, -9, 9, 6),
            Of(Tensor.Scalar(0.3f)), IntegersOf(DataType.UInt8, 100, 120, 1), Integers(-999, 999, 6)).With(Conv.Groups, 2).With(WindowAttributes.Padding, [1]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        IntegerProducts.RequireNarrow(context, 0);
        IntegerProducts.RequireNarrow(context, 3);
        IntegerProducts.RequireNarrow(context, 7);
        var shape = ComposedConvolution.OutputShape(context, 0, 3);
        foreach (var (input, count) in new[] { (1, 1L), (2, 1), (4, shape[1]), (5, shape[1]), (6, 1), (7, 1) }) IntegerProducts.CheckPerAxis(context, input, count);
        if (context.Has(8) && context.Input(8) != new TensorType(DataType.Int32, new Shape(shape[1]))) context.Fail("VKN2474", $"the bias is {context.Input(8)}, but i32[{shape[1]}] is needed");
        return [new TensorType(context.Input(7).DataType, shape)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        var axes = context.Input(0).Shape.Rank - 2;
        var sums = IntegerProducts.Convolve(context, context.Input(0), context.Input(3), context.Input(2), context.Input(5));
        if (context.Has(8)) sums = context.Apply("add", sums, IntegerProducts.Along(context, context.Input(8), axes));
        return [IntegerProducts.Requantized(context, sums, IntegerProducts.Along(context, context.Input(1), axes), IntegerProducts.Along(context, context.Input(4), axes), IntegerProducts.Along(context, context.Input(6), axes), context.Input(7))];
    }
}
