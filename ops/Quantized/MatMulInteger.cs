using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Quantized;

/// <summary>The exact product of 8-bit matrices less their zeros, in 32-bit whole numbers.</summary>
public sealed class MatMulInteger : CompositeOperator, IImportable
{
    /// <inheritdoc/>
    public override string Name => "matmul_integer";

    /// <inheritdoc/>
    public override string Summary => "The exact product (a - zero_a) (b - zero_b) of 8-bit matrices, in 32-bit whole numbers.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("a", "[..., rows, depth], 8-bit"), new("b", "[..., depth, columns], 8-bit"),
        new("zero_a", "one, or one for each row") { Optional = true }, new("zero_b", "one, or one for each column") { Optional = true },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("MatMulInteger", 10, node => node.Emit("matmul_integer", node.Input(0), node.Input(1), QuantizedImport.Optional(node, 2), QuantizedImport.Optional(node, 3))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(IntegersOf(DataType.UInt8, 0, 255, 5, 7), IntegersOf(DataType.Int8, -128, 127, 7, 3), IntegersOf(DataType.UInt8, 0, 255, 5), IntegersOf(DataType.Int8, -9, 9, 3)),
        new(IntegersOf(DataType.UInt8, 0, 255, 2, 5, 7), IntegersOf(DataType.UInt8, 0, 255, 7, 3)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        IntegerProducts.RequireNarrow(context, 0);
        IntegerProducts.RequireNarrow(context, 1);
        var shape = MatrixProductShape.Of(context.ShapeOf(0), context.ShapeOf(1), false, false, out var problem);
        if (shape is null) context.Fail("VKN2321", problem, "[..., rows, depth] * [..., depth, columns] -> [..., rows, columns]");
        if (context.Has(2) && context.ShapeOf(2).Rank < 2) IntegerProducts.CheckPerAxis(context, 2, shape!.Rows);
        if (context.Has(3) && context.ShapeOf(3).Rank < 2) IntegerProducts.CheckPerAxis(context, 3, shape!.Columns);
        return [new TensorType(DataType.Int32, shape!.Output)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context) =>
        [IntegerProducts.Multiply(context, context.Input(0), context.Input(1), context.Has(2) ? context.Input(2) : null, context.Has(3) ? context.Input(3) : null)];
}
