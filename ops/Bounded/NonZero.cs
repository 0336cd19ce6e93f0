using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Bounded;

/// <summary>The coordinates of the elements that are not zero, in row-major order. How many there are depends on data: the result has room for all.</summary>
public sealed class NonZero : Operator, ILowering, IImportable
{
    /// <inheritdoc/>
    public override string Name => "nonzero";

    /// <inheritdoc/>
    public override string Summary => "The coordinates of the elements that are not zero, one column each, in row-major order.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape and type")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["indices", "count"];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("NonZero", 9, node => node.Emit("nonzero", node.Input(0)))];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Integers(0, 1, 3, 5, 7)), new(Truths(131)), new(Of(Tensor.From([0f, -0f, 1, float.NaN, -2, 0], 2, 3)))];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var shape = context.ShapeOf(0);
        return [new TensorType(DataType.Int64, new Shape(shape.Rank, shape.ElementCount)), Compaction.CountType];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) => base.Extents(node) is null ? null : [new ValueExtent(1, node.Outputs[1]), null];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (values, shape) = (context.Reals(0), context.ShapeOf(0));
        var (strides, result, count) = (shape.Strides(), new long[shape.Rank * values.Length], 0);
        for (var i = 0L; i < values.Length; i++)
        {
            if (values[i] == 0) continue;
            for (var axis = 0; axis < shape.Rank; axis++) result[axis * values.Length + count] = i / strides[axis] % shape[axis];
            count++;
        }
        context.SetIntegers(0, result);
        context.SetIntegers(1, [count]);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output, count) = (context.Input(0), context.Output(0), context.Output(1));
        var items = input.Shape.ElementCount;
        if (items == 0)
        {
            context.Fill(count);
            return;
        }
        var places = Compaction.Places(context, input, items, count);
        if (output.Shape.ElementCount == 0) return;
        var strides = input.Shape.Strides();
        int[] axes = [.. Enumerable.Range(0, strides.Length).SelectMany(a => new[] { (int)strides[a], (int)input.Shape[a] })];
        context.Dispatch(context.Choose(BoundedCoordinates.Family.Variants, places))
            .Parameters(checked(new BoundedCoordinates.Parameters { Count = (int)output.Shape.ElementCount, Items = (int)items }))
            .Bind(BoundedCoordinates.Bindings.Places, places)
            .Bind(BoundedCoordinates.Bindings.Axes, context.Table("axes", Tensor.From(axes, axes.Length)))
            .Bind(BoundedCoordinates.Bindings.Result, output)
            .Cost(0, 2.0 * output.Bytes)
            .RunLinear(output.Shape.ElementCount, 64);
    }
}
