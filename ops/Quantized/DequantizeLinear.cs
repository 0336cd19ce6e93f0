using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Quantized;

/// <summary>Quantised whole numbers as reals: y = (x - zero) * scale. One scale serves all elements, an index of an axis, or a block along it.</summary>
public sealed class DequantizeLinear : Operator, ILowering, IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "dequantize_linear";

    /// <inheritdoc/>
    public override string Summary => "Quantised whole numbers as reals: (x - zero) * scale.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("input", "whole numbers of any shape"), new("scale", "one; or one for each index of the axis, or each block"), new("zero", "of the scale's shape: what stands for 0") { Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [QuantizationGrid.AxisAttribute, QuantizationGrid.BlockSize];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("DequantizeLinear", 10, Import)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("DequantizeLinear", node.Inputs, ("axis", node.Get(QuantizationGrid.AxisAttribute)), ("block_size", node.Get(QuantizationGrid.BlockSize)));

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(IntegersOf(DataType.UInt8, 0, 255, 3, 5, 7), Of(Tensor.Scalar(0.0625f)), Of(Tensor.From([(byte)128]).Reshape(Shape.Scalar))),
        new(Integers(-9999, 9999, 3, 5, 7), RealsWithin(0.05, 0.2, 5)),
        new OperatorSample(IntegersOf(DataType.Int8, -128, 127, 3, 5, 7), RealsWithin(0.05, 0.2, 3, 3, 7)).With(QuantizationGrid.BlockSize, 2),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        if (!type.DataType.IsInteger()) context.Fail("VKN2122", $"input 'input' is {type}, but whole numbers are needed", "insert a cast");
        QuantizationGrid.Check(context);
        return [type with { DataType = context.Input(1).DataType }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (values, scales, zeros) = (context.Integers(0), context.Reals(1), context.Has(2) ? context.Integers(2) : null);
        var grid = QuantizationGrid.Of(context.Attributes, context.ShapeOf(0), context.ShapeOf(1));
        var result = new double[values.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var place = grid.PlaceOf(i);
            result[i] = (values[i] - (zeros?[place] ?? 0)) * scales[place];
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => QuantizationGrid.Lower(context, back: true, default);

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (builder, node, scale) = (context.Builder, context.Node, context.Input(1));
        var result = new Value?[node.OperatorInputCount];
        if (!context.Needed[1]) return result;
        // dy / dscale = x - zero, which a scale of 1 gives; summed over the elements that share a scale.
        var ones = builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, scale.Shape.ToArray()).With(Layout.Fill.Value, 1.0).With(Layout.Fill.Type, scale.DataType.Name()));
        var steps = builder.Apply("dequantize_linear", node.Attributes, context.Input(0), ones, node.OperatorInputCount > 2 ? node.Inputs[2] : null);
        result[1] = QuantizationGrid.SumByScale(builder, node.Attributes, builder.Apply("mul", null, context.Upstream, steps), scale.Shape);
        return result;
    }

    private static Value Import(ImportNode node)
    {
        var attributes = AttributeSet.Empty.With(QuantizationGrid.AxisAttribute, node.Integer("axis", 1)).With(QuantizationGrid.BlockSize, node.Integer("block_size", 0));
        var reals = node.Emit("dequantize_linear", attributes, node.Input(0), node.Input(1), QuantizedImport.Optional(node, 2));
        var type = node.Has("output_dtype") && node.Integer("output_dtype", 0) != 0 ? node.ElementType("output_dtype", reals.DataType) : reals.DataType;
        return type == reals.DataType ? reals : node.Emit("cast", AttributeSet.Empty.With(Cast.To, type.Name()), reals);
    }
}
