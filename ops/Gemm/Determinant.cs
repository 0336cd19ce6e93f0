using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Gemm;

/// <summary>The determinants of square matrices, by Gaussian elimination with row pivoting. That of a matrix without elements is 1.</summary>
public sealed class Determinant : Operator, ILowering, IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "det";

    /// <inheritdoc/>
    public override string Summary => "The determinants of square matrices.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[..., n, n]")];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("Det", 11, node => node.Emit("det", node.Input(0)))];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Det", node.Inputs);

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(2, 3, 5, 5)), new(Reals(1, 1))];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = CheckMatrices(context);
        return [type with { Shape = type.Shape.Slice(0, type.Shape.Rank - 2) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (values, n) = (context.Reals(0), (int)context.ShapeOf(0)[-1]);
        var result = new double[context.Output(0).Shape.ElementCount];
        for (var matrix = 0; matrix < result.Length; matrix++) result[matrix] = OfMatrix(values.AsSpan(matrix * n * n, n * n), n);
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var shape = node.Inputs[0]!.Shape;
        return base.Cost(node) with { Flops = 2.0 / 3 * shape.ElementCount * shape[-1] };
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        if (input.Shape.ElementCount == 0)
        {
            context.Fill(output, BitConverter.SingleToUInt32Bits(1));
            return;
        }
        context.Dispatch(context.Choose(GemmDeterminant.Family.Variants, input))
            .Parameters(checked(new GemmDeterminant.Parameters { Matrices = (int)output.Shape.ElementCount, Size = (int)input.Shape[-1] }))
            .Bind(GemmDeterminant.Bindings.Source, input)
            .Bind(GemmDeterminant.Bindings.Work, context.Workspace("elimination", input.Type))
            .Bind(GemmDeterminant.Bindings.Result, output)
            .Cost(Cost(context.Node).Flops, 2.0 * input.Bytes)
            .RunLinear(output.Shape.ElementCount, 64);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var upstream = Views.To(context.Builder, context.Upstream, new Shape([.. context.Upstream.Shape.AsSpan(), 1, 1]));
        return [context.Builder.Apply("mul", null, upstream, context.Builder.Apply("cofactors", null, context.Input(0)))];
    }

    /// <summary>Refuses an input that is no stack of square matrices.</summary>
    internal static TensorType CheckMatrices(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        if (type.Shape.Rank < 2 || type.Shape[-1] != type.Shape[-2]) context.Fail("VKN2327", $"the input is {type}, but square matrices [..., n, n] are needed");
        return type;
    }

    private static double OfMatrix(Span<double> a, int n)
    {
        var determinant = 1.0;
        for (var k = 0; k < n; k++)
        {
            var pivot = k;
            for (var i = k + 1; i < n; i++)
                if (Math.Abs(a[i * n + k]) > Math.Abs(a[pivot * n + k])) pivot = i;
            for (var j = 0; pivot != k && j < n; j++) (a[pivot * n + j], a[k * n + j]) = (a[k * n + j], a[pivot * n + j]);
            determinant *= pivot == k ? a[k * n + k] : -a[k * n + k];
            if (a[k * n + k] == 0) break;
            for (var i = k + 1; i < n; i++)
            {
                var factor = a[i * n + k] / a[k * n + k];
                for (var j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
            }
        }
        return determinant;
    }
}
