using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Quantized;

/// <summary>The product of quantised matrices, quantised again: exact sums in 32-bit whole numbers, one rounding at the end.</summary>
public sealed class QLinearMatMul : CompositeOperator, IImportable
{
    /// <inheritdoc/>
    public override string Name => "qlinear_matmul";

    /// <inheritdoc/>
    public override string Summary => "The product of quantised matrices, quantised: round((a - zero_a) (b - zero_b) scale_a scale_b / scale_y) + zero_y.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("a", "[..., rows, depth], 8-bit"), new("scale_a", "one, or one for each row"), new("zero_a", "as scale_a"),
        new("b", "[..., depth, columns], 8-bit"), new("scale_b", "one, or one for each column"), new("zero_b", "as scale_b"),
        new("scale_y", "one"), new("zero_y", "one, of the result's type"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
        [ImportRule.Single("QLinearMatMul", 10, node => node.Emit("qlinear_matmul", [.. Enumerable.Range(0, 8).Select(node.Input)]))];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(IntegersOf(DataType.UInt8, 0, 255, 5, 7), Of(Tensor.Scalar(0.01f)), IntegersOf(DataType.UInt8, 0, 255, 1), IntegersOf(DataType.Int8, -128, 127, 7, 3), RealsWithin(0.01, 0.02, 3), IntegersOf(DataType.Int8, -9, 9, 3),
            Of(Tensor.Scalar(0.1f)), IntegersOf(DataType.UInt8, 100, 120, 1)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        IntegerProducts.RequireNarrow(context, 0);
        IntegerProducts.RequireNarrow(context, 3);
        IntegerProducts.RequireNarrow(context, 7);
        var shape = MatrixProductShape.Of(context.ShapeOf(0), context.ShapeOf(3), false, false, out var problem);
        if (shape is null) context.Fail("VKN2321", problem, "[..., rows, depth] * [..., depth, columns] -> [..., rows, columns]");
        foreach (var (input, count) in new[] { (1, shape!.Rows), (2, shape.Rows), (4, shape.Columns), (5, shape.Columns), (6, 1L), (7, 1L) })
            if (context.ShapeOf(input).Rank < 2) IntegerProducts.CheckPerAxis(context, input, count);
        return [new TensorType(context.Input(7).DataType, shape.Output)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        var sums = IntegerProducts.Multiply(context, context.Input(0), context.Input(3), context.Input(2), context.Input(5));
        return [IntegerProducts.Requantized(context, sums, IntegerProducts.Along(context, context.Input(1), 1), IntegerProducts.Along(context, context.Input(4), 0), IntegerProducts.Along(context, context.Input(6), 0), context.Input(7))];
    }
}
