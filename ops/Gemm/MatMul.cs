using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Gemm;

/// <summary>
/// Matrix product as NumPy's <c>matmul</c> defines it: the last two axes are matrices, the others a batch that broadcasts;
/// a vector on the left is a row, on the right a column, and its axis of size one is dropped from the result.
/// </summary>
public sealed partial class MatMul : Operator, IImportable, IExportable
{
    /// <summary>Whether the left matrices are transposed.</summary>
    public static AttributeDefinition<bool> TransposeA { get; } = new("transpose_a", "Whether the last two axes of 'a' are swapped before multiplying; a vector stays as it is.", false);

    /// <summary>Whether the right matrices are transposed.</summary>
    public static AttributeDefinition<bool> TransposeB { get; } = new("transpose_b", "Whether the last two axes of 'b' are swapped before multiplying; a vector stays as it is.", false);

    /// <inheritdoc/>
    public override string Name => "matmul";

    /// <inheritdoc/>
    public override string Summary => "Matrix product over the last two axes, the others broadcasting as in NumPy: y[..., i, j] = sum over k of a[..., i, k] * b[..., k, j].";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("a", "[..., rows, depth] or [depth]"), new("b", "[..., depth, columns] or [depth]")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [TransposeA, TransposeB];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("MatMul", 1, node => node.Emit("matmul", node.Input(0), node.Input(1))),
        ImportRule.Single("Gemm", 1, ImportGemm),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(37, 29), Reals(29, 41)),
        new OperatorSample(Reals(29, 37), Reals(41, 29)).With(TransposeA, true).With(TransposeB, true),
        new(Reals(2, 1, 5, 7), Reals(3, 7, 9)),
        new(Reals(7), Reals(3, 7, 5)),
        new(Reals(65, 130), Reals(130, 67)),
        new(Integers(-9, 9, 5, 7), Integers(-9, 9, 7, 3)),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        node.Result("MatMul", [Turned(0, node.Get(TransposeA)), Turned(1, node.Get(TransposeB))]);

        string Turned(int input, bool transpose)
        {
            var rank = node.ShapeOf(input).Rank;
            if (!transpose || rank < 2) return node.Inputs[input];
            return node.Step("Transpose", [node.Inputs[input]], ("perm", Enumerable.Range(0, rank).Select(axis => (long)(axis == rank - 1 ? rank - 2 : axis == rank - 2 ? rank - 1 : axis)).ToArray()));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (a, b) = (context.Input(0), context.Input(1));
        if (a.DataType != b.DataType || a.DataType == DataType.Bool)
            context.Fail("VKN2320", $"{a} and {b} cannot be multiplied", "both must be of one numeric type");
        var shape = MatrixProductShape.Of(a.Shape, b.Shape, context.Get(TransposeA), context.Get(TransposeB), out var problem);
        if (shape is null) context.Fail("VKN2321", problem, "[..., rows, depth] * [..., depth, columns] -> [..., rows, columns]");
        return [new TensorType(a.DataType, shape.Output)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = Sizes(context.ShapeOf(0), context.ShapeOf(1), context.Attributes);
        var (transposeA, transposeB) = (context.ShapeOf(0).Rank > 1 && context.Get(TransposeA), context.ShapeOf(1).Rank > 1 && context.Get(TransposeB));
        if (context.Input(0).DataType.IsFloat())
            context.SetReals(0, Product(shape, context.Reals(0), context.Reals(1), transposeA, transposeB));
        else
            context.SetIntegers(0, Product(shape, context.Integers(0), context.Integers(1), transposeA, transposeB));
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var shape = Sizes(node.Inputs[0]!.Shape, node.Inputs[1]!.Shape, node.Attributes);
        return new OperatorCost(2.0 * shape.Count * shape.Rows * shape.Columns * shape.Depth, base.Cost(node).Bytes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (a, b, builder, node) = (context.Input(0), context.Input(1), context.Builder, context.Node);
        var shape = Sizes(a.Shape, b.Shape, node.Attributes);
        var (transposeA, transposeB) = (a.Shape.Rank > 1 && node.Get(TransposeA), b.Shape.Rank > 1 && node.Get(TransposeB));
        // Vectors become matrices of one row or column, so that one rule serves all.
        var left = a.Shape.Rank == 1 ? Views.To(builder, a, [1, shape.Depth]) : a;
        var right = b.Shape.Rank == 1 ? Views.To(builder, b, [shape.Depth, 1]) : b;
        var upstream = Views.To(builder, context.Upstream, [.. shape.Batch, shape.Rows, shape.Columns]);
        return
        [
            !context.Needed[0] ? null : Fit(transposeA ? Multiply(right, upstream, transposeB, true) : Multiply(upstream, right, false, !transposeB), left, a),
            !context.Needed[1] ? null : Fit(transposeB ? Multiply(upstream, left, true, transposeA) : Multiply(left, upstream, !transposeA, false), right, b),
        ];

        Value Multiply(Value x, Value y, bool transposeX, bool transposeY) =>
            builder.Apply("matmul", AttributeSet.Empty.With(TransposeA, transposeX).With(TransposeB, transposeY), x, y);

        Value Fit(Value gradient, Value matrix, Value operand) =>
            Views.To(builder, GradientShapes.ReduceTo(builder, gradient, matrix.Shape), operand.Shape);
    }

    /// <summary>The sizes of a product whose shapes have been checked.</summary>
    internal static MatrixProductShape Sizes(Shape a, Shape b, AttributeSet attributes) =>
        MatrixProductShape.Of(a, b, attributes.Get(TransposeA), attributes.Get(TransposeB), out var problem) ?? throw new InvalidOperationException(problem);

    private static T[] Product<T>(MatrixProductShape shape, T[] a, T[] b, bool transposeA, bool transposeB) where T : System.Numerics.INumber<T>
    {
        var (rows, columns, depth) = ((int)shape.Rows, (int)shape.Columns, (int)shape.Depth);
        var result = new T[shape.Count * rows * columns];
        Parallel.For(0, (int)shape.Count * rows, line =>
        {
            var (product, i) = (line / rows, line % rows);
            var (left, right) = ((int)shape.MatrixOf(product, shape.LeftBatch) * rows * depth, (int)shape.MatrixOf(product, shape.RightBatch) * depth * columns);
            var target = result.AsSpan(line * columns, columns);
            for (var k = 0; k < depth; k++)
            {
                var factor = a[left + (transposeA ? k * rows + i : i * depth + k)];
                for (var j = 0; j < columns; j++) target[j] += factor * b[right + (transposeB ? j * depth + k : k * columns + j)];
            }
        });
        return result;
    }

    // y = alpha * a * b + beta * c, where c broadcasts to the product's shape.
    private static Value ImportGemm(ImportNode node)
    {
        var attributes = AttributeSet.Empty.With(TransposeA, node.Integer("transA", 0) != 0).With(TransposeB, node.Integer("transB", 0) != 0);
        var product = Scale(node, node.Emit("matmul", attributes, node.Input(0), node.Input(1)), node.Real("alpha", 1));
        var beta = node.Real("beta", 1);
        return node.HasInput(2) && beta != 0 ? node.Emit("add", product, Scale(node, node.Input(2), beta)) : product;
    }

    private static Value Scale(ImportNode node, Value value, double factor)
    {
        if (factor == 1) return value;
        var constant = Tensor.Scalar((float)factor).Cast(value.DataType);
        return node.Emit("mul", value, node.Builder.Constant(constant));
    }
}
