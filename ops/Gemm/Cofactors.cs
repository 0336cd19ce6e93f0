using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Gemm;

/// <summary>
/// The cofactors of square matrices, the gradient of the determinant (Jacobi's formula), also where a matrix has no inverse. With both rows
/// and columns exchanged so that every pivot is the largest that is left, P A Q = L U, the adjugate is +-Q adj(U) L^-1 P, and that of U needs
/// no division by its last pivot; where a pivot before the last is zero all cofactors are. Gradient rules emit it.
/// </summary>
public sealed class Cofactors : Operator, ILowering
{
    /// <inheritdoc/>
    public override string Name => "cofactors";

    /// <inheritdoc/>
    public override string Summary => "The cofactors of square matrices: the gradient of the determinant.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[..., n, n]")];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(2, 3, 5, 5)), new(Reals(1, 1)), new(Reals(67, 2, 2)),
        // Of rank 2: not all cofactors are zero. Of rank 1: all are.
        new(Of(Tensor.From([1f, 2f, 3f, 4f, 5f, 6f, 5f, 7f, 9f], 3, 3))), new(Of(Tensor.From([1f, 2f, 3f, 2f, 4f, 6f, -1f, -2f, -3f], 3, 3))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        Determinant.CheckMatrices(context);
        return [context.Input(0)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (values, shape) = (context.Reals(0), context.ShapeOf(0));
        var n = (int)shape[-1];
        var result = new double[values.Length];
        for (var first = 0; first < values.Length; first += n * n) OfMatrix(values.AsSpan(first, n * n), n, result.AsSpan(first, n * n));
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var shape = node.Inputs[0]!.Shape;
        return base.Cost(node) with { Flops = 3.0 * shape.ElementCount * shape[-1] };
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var matrices = input.Shape.Product(0, input.Shape.Rank - 2);
        context.Dispatch(context.Choose(GemmCofactors.Family.Variants, input))
            .Parameters(checked(new GemmCofactors.Parameters { Matrices = (int)matrices, Size = (int)input.Shape[-1] }))
            .Bind(GemmCofactors.Bindings.Source, input)
            .Bind(GemmCofactors.Bindings.Work, context.Workspace("elimination", input.Type))
            .Bind(GemmCofactors.Bindings.Order, context.Workspace("order", TensorType.Float(matrices, 2, input.Shape[-1])))
            .Bind(GemmCofactors.Bindings.Result, output)
            .Cost(Cost(context.Node).Flops, 3.0 * input.Bytes)
            .RunLinear(matrices, 64);
    }

    private static void OfMatrix(ReadOnlySpan<double> matrix, int n, Span<double> result)
    {
        var a = matrix.ToArray();
        int[] rows = [.. Enumerable.Range(0, n)], columns = [.. Enumerable.Range(0, n)];
        var leading = 1.0;
        for (var k = 0; k < n - 1; k++)
        {
            var (row, column) = (k, k);
            for (var i = k; i < n; i++)
                for (var j = k; j < n; j++)
                    if (Math.Abs(a[i * n + j]) > Math.Abs(a[row * n + column])) (row, column) = (i, j);
            if (row != k)
            {
                for (var j = 0; j < n; j++) (a[row * n + j], a[k * n + j]) = (a[k * n + j], a[row * n + j]);
                (rows[row], rows[k], leading) = (rows[k], rows[row], -leading);
            }
            if (column != k)
            {
                for (var i = 0; i < n; i++) (a[i * n + column], a[i * n + k]) = (a[i * n + k], a[i * n + column]);
                (columns[column], columns[k], leading) = (columns[k], columns[column], -leading);
            }
            var pivot = a[k * n + k];
            leading *= pivot;
            if (pivot == 0)
            {
                result.Clear();
                return;
            }
            for (var i = k + 1; i < n; i++)
            {
                a[i * n + k] /= pivot;
                for (var j = k + 1; j < n; j++) a[i * n + j] -= a[i * n + k] * a[k * n + j];
            }
        }
        // leading: the sign, and all pivots but the last.
        var v = new double[n];
        for (var c = 0; c < n; c++)
        {
            for (var i = 0; i < n; i++)
            {
                v[i] = i == c ? 1 : 0;
                for (var k = c; k < i; k++) v[i] -= a[i * n + k] * v[k];
            }
            var last = v[n - 1];
            for (var i = n - 2; i >= 0; i--)
            {
                var sum = a[n * n - 1] * v[i] - a[i * n + n - 1] * last;
                for (var k = i + 1; k < n - 1; k++) sum -= a[i * n + k] * v[k];
                v[i] = sum / a[i * n + i];
            }
            for (var i = 0; i < n; i++) result[rows[c] * n + columns[i]] = leading * v[i];
        }
    }
}
