using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Quantized;

/// <summary>
/// Reals as narrow whole numbers: y = limit(round(x / scale) + zero), halves to the even number. One scale serves all elements, an index of an
/// axis, or a block along it.
/// </summary>
public sealed class QuantizeLinear : Operator, ILowering, IImportable, IExportable
{
    /// <summary>The type of the result where no zeros are given.</summary>
    public static AttributeDefinition<string> Type { get; } = new("type", "The type of the result where no zeros are given, whose type it is otherwise.", "u8") { Choices = ["u8", "i8", "u16", "i16"] };

    /// <inheritdoc/>
    public override string Name => "quantize_linear";

    /// <inheritdoc/>
    public override string Summary => "Reals as narrow whole numbers: round(x / scale) + zero, limited to the type; halves go to the even number.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("input", "any shape"), new("scale", "one; or one for each index of the axis, or each block"), new("zero", "of the scale's shape: what stands for 0") { Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [QuantizationGrid.AxisAttribute, QuantizationGrid.BlockSize, Type];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("QuantizeLinear", 10, Import)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("QuantizeLinear", node.Inputs,
        [("axis", node.Get(QuantizationGrid.AxisAttribute)), ("block_size", node.Get(QuantizationGrid.BlockSize)), .. node.Has(2) ? [] : ((string, object)[])[("output_dtype", OnnxElementType.FromDataType(node.Node.Outputs[0].DataType))]]);

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(RealsWithin(-9, 9, 3, 5, 7), Of(Tensor.Scalar(0.0625f)), Of(Tensor.From([(byte)128]).Reshape(Shape.Scalar))),
        new OperatorSample(RealsWithin(-9, 9, 3, 5, 7), RealsWithin(0.05, 0.2, 5)).With(Type, "i8"),
        new OperatorSample(RealsWithin(-9, 9, 3, 5, 7), RealsWithin(0.001, 0.002, 3, 3, 7), IntegersOf(DataType.Int16, -99, 99, 3, 3, 7)).With(QuantizationGrid.BlockSize, 2),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        QuantizationGrid.Check(context);
        var result = context.Has(2) ? context.Input(2).DataType : DataTypes.Parse(context.Get(Type)!)!.Value;
        if (result is not (DataType.UInt8 or DataType.Int8 or DataType.UInt16 or DataType.Int16)) context.Fail("VKN2471", $"the zeros are {context.Input(2)}, but u8, i8, u16 or i16 is needed");
        return [type with { DataType = result }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (values, scales, zeros) = (context.Reals(0), context.Reals(1), context.Has(2) ? context.Integers(2) : null);
        var (grid, (low, high)) = (QuantizationGrid.Of(context.Attributes, context.ShapeOf(0), context.ShapeOf(1)), Limits(context.Output(0).DataType));
        var result = new long[values.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var place = grid.PlaceOf(i);
            // The quotient is one of single precision: a half there is a half, though it may be none in double.
            var quotient = (double)(float)(values[i] / scales[place]);
            var nearest = double.IsNaN(quotient) ? 0 : Math.Round(Math.Clamp(quotient, -262144, 262144), MidpointRounding.ToEven);
            result[i] = Math.Clamp((long)nearest + (zeros?[place] ?? 0), low, high);
        }
        context.SetIntegers(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => QuantizationGrid.Lower(context, back: false, Limits(context.Output(0).Type.DataType));

    private static (int Low, int High) Limits(DataType type) => type switch
    {
        DataType.UInt8 => (0, 255),
        DataType.Int8 => (-128, 127),
        DataType.UInt16 => (0, 65535),
        _ => (-32768, 32767),
    };

    private static Value Import(ImportNode node)
    {
        var type = node.ElementType("output_dtype", DataType.UInt8);
        var attributes = AttributeSet.Empty.With(QuantizationGrid.AxisAttribute, node.Integer("axis", 1)).With(QuantizationGrid.BlockSize, node.Integer("block_size", 0));
        if (!node.HasInput(2)) attributes = attributes.With(Type, type.Name());
        if (!node.HasInput(2) && !Type.Choices.Contains(type.Name())) node.Fail("VKN3310", $"a result of {type.Name()} is not known", $"known are {string.Join(", ", Type.Choices)}");
        return node.Emit("quantize_linear", attributes, QuantizedImport.Reals(node, node.Input(0)), QuantizedImport.Reals(node, node.Input(1)), node.HasInput(2) ? node.Input(2) : null);
    }
}
