using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>A small tensor written out in a graph file. It is computed while the graph is built, so it never becomes a node.</summary>
public sealed class ConstantTensor : Operator
{
    /// <summary>The elements in row-major order.</summary>
    public static AttributeDefinition<double[]> Values { get; } = new("values", "The elements in row-major order; at most 4096.", required: true) { ScalarAllowed = true };

    /// <summary>The shape; one axis when absent, a scalar for a single number.</summary>
    public static AttributeDefinition<long[]?> Shape { get; } = new("shape", "The shape; one axis when absent, a scalar for a single number.") { Minimum = 0 };

    /// <summary>The element type.</summary>
    public static AttributeDefinition<string> Type { get; } = new("type", "The element type.", "f32") { Choices = [.. DataTypes.AllNames] };

    /// <inheritdoc/>
    public override string Name => "constant";

    /// <inheritdoc/>
    public override string Summary => "A small tensor written out in the graph.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Values, Shape, Type];

    /// <inheritdoc/>
    public override bool IsConstantSource => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample().With(Values, [1.5, -2, 3]), new OperatorSample().With(Values, [1, 2, 3, 4]).With(Shape, [2, 2]).With(Type, "i32")];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var values = context.Get(Values)!;
        var shape = context.Get(Shape) is { } sizes ? new Shape(sizes) : values.Length == 1 ? VkNet.Tensors.Shape.Scalar : [values.Length];
        if (shape.ElementCount != values.Length) context.Fail("VKN2112", $"{values.Length} values do not fill the shape {shape}");
        if (values.Length > GraphBuilder.EagerFoldLimit) context.Fail("VKN2127", $"{values.Length} values are written out; at most {GraphBuilder.EagerFoldLimit} are allowed", "store larger tensors in a weight file and declare a parameter");
        return [new TensorType(DataTypes.Parse(context.Get(Type)!)!.Value, shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        if (context.Output(0).DataType.IsInteger()) context.SetIntegers(0, [.. context.Get(Values)!.Select(v => (long)v)]);
        else context.SetReals(0, context.Get(Values)!);
    }
}
