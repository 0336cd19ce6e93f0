using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Quantized;

/// <summary>The exact convolution of 8-bit pictures and filters less their zeros, in 32-bit whole numbers. Padding stands for the zero.</summary>
public sealed class ConvInteger : CompositeOperator, IImportable
{
    /// <inheritdoc/>
    public override string Name => "conv_integer";

    /// <inheritdoc/>
    public override string Summary => "The exact convolution of 8-bit tensors less their zeros, in 32-bit whole numbers, over 1 to 3 spatial axes.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, spatial...], 8-bit"), new("weight", "[filters, C / groups, kernel...], 8-bit"),
        new("zero_input", "one") { Optional = true }, new("zero_weight", "one, or one for each filter") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [WindowAttributes.Stride, WindowAttributes.Dilation, WindowAttributes.Padding, WindowAttributes.AutoPadding, Conv.Groups];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("ConvInteger", 10, node => node.Emit("conv_integer", Window(node, 0), node.Input(0), node.Input(1), QuantizedImport.Optional(node, 2), QuantizedImport.Optional(node, 3))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(IntegersOf(DataType.UInt8, 0, 255, 2, 4, 7, 6), IntegersOf(DataType.Int8, -128, 127, 6, 2, 3, 2), IntegersOf(DataType.UInt8, 128, 128, 1), IntegersOf(DataType.Int8, -9, 9, 6)).With(Conv.Groups, 2).With(WindowAttributes.Padding, [1]),
        new OperatorSample(IntegersOf(DataType.UInt8, 0, 255, 1, 3, 11), IntegersOf(DataType.UInt8, 0, 255, 5, 3, 3)).With(WindowAttributes.Stride, [2]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        IntegerProducts.RequireNarrow(context, 0);
        IntegerProducts.RequireNarrow(context, 1);
        var shape = ComposedConvolution.OutputShape(context, 0, 1);
        IntegerProducts.CheckPerAxis(context, 2, 1);
        IntegerProducts.CheckPerAxis(context, 3, shape[1]);
        return [new TensorType(DataType.Int32, shape)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context) =>
        [IntegerProducts.Convolve(context, context.Input(0), context.Input(1), context.Has(2) ? context.Input(2) : null, context.Has(3) ? context.Input(3) : null)];

    /// <summary>ONNX's window attributes; the kernel is the weight's.</summary>
    internal static AttributeSet Window(ImportNode node, int input) =>
        ConvolutionTexts.FromOnnx(node, node.Input(input).Shape.Rank - 2).With(WindowAttributes.Kernel, null).With(Conv.Groups, node.Integer("group", 1));
}
