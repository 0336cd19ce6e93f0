using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>A tensor of one value.</summary>
public sealed class Fill : Operator, ILowering, IExportable
{
    /// <summary>The shape.</summary>
    public static AttributeDefinition<long[]> Shape { get; } = new("shape", "The shape.", required: true) { Minimum = 0 };

    /// <summary>The value of every element.</summary>
    public static AttributeDefinition<double> Value { get; } = new("value", "The value of every element.", 0.0);

    /// <summary>The element type.</summary>
    public static AttributeDefinition<string> Type { get; } = new("type", "The element type.", "f32") { Choices = [.. DataTypes.AllNames] };

    /// <inheritdoc/>
    public override string Name => "fill";

    /// <inheritdoc/>
    public override string Summary => "A tensor whose elements all have one value.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Shape, Value, Type];

    /// <inheritdoc/>
    public override bool IsConstantSource => true;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample().With(Shape, [67, 71]).With(Value, 1.5), new OperatorSample().With(Shape, [67, 71]).With(Value, 3).With(Type, "i32")];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        var value = Tensor.Zeros(node.Node.Outputs[0].DataType, [1]);
        ElementConversion.StoreReals(value, new[] { node.Get(Value) });
        node.Result("ConstantOfShape", [node.Integers(node.Get(Shape)!)], ("value", value));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [new TensorType(DataTypes.Parse(context.Get(Type)!)!.Value, new Shape(context.Get(Shape)!))];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var values = new double[context.Output(0).Shape.ElementCount];
        Array.Fill(values, context.Get(Value));
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (output, value) = (context.Output(0), context.Get(Value));
        if (output.Shape.ElementCount == 0) return;
        var type = output.Type.DataType;
        context.Fill(output, type == DataType.Bool ? (value != 0 ? 1u : 0u) : type.IsFloat() ? BitConverter.SingleToUInt32Bits((float)value) : unchecked((uint)(int)value));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) => [];
}
