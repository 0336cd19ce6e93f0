using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Keeps the upper or lower triangle of matrices; the other elements become zero.</summary>
public sealed class Trilu : Operator, ILowering, IImportable, IExportable
{
    private const int GroupSize = 256;

    /// <summary>Whether the upper triangle is kept.</summary>
    public static AttributeDefinition<bool> Upper { get; } = new("upper", "Whether the upper triangle is kept, else the lower.", true);

    /// <summary>Column minus row of the triangle's edge.</summary>
    public static AttributeDefinition<long> Diagonal { get; } = new("diagonal", "Column minus row of the triangle's edge.", 0);

    /// <inheritdoc/>
    public override string Name => "trilu";

    /// <inheritdoc/>
    public override string Summary => "The upper or lower triangle of matrices, zero elsewhere.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[..., rows, columns]")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Upper, Diagonal];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Trilu", 14, node => node.Emit("trilu", AttributeSet.Empty.With(Upper, node.Integer("upper", 1) != 0).With(Diagonal, node.ConstantIntegers(1, "the diagonal")?[0] ?? 0), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(2, 5, 7)), new OperatorSample(Reals(7, 5)).With(Upper, false).With(Diagonal, -1)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Trilu", [node.Inputs[0], node.Scalar(node.Get(Diagonal), DataType.Int64)], ("upper", node.Get(Upper)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        if (type.Shape.Rank < 2) context.Fail("VKN2101", $"input 'input' has shape {type.Shape} of rank {type.Shape.Rank}, but at least rank 2 is needed");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = context.ShapeOf(0);
        var (upper, diagonal) = (context.Get(Upper), context.Get(Diagonal));
        var source = new long[shape.ElementCount];
        for (var i = 0L; i < source.Length; i++)
        {
            var (row, column) = (i / shape[^1] % shape[^2], i % shape[^1]);
            // Written so that no diagonal, however large, overflows.
            source[i] = (upper ? column - row >= diagonal : column - row <= diagonal) ? i : -1;
        }
        context.Move(0, 0, source);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        var (count, shape) = (output.Shape.ElementCount, output.Shape);
        if (count == 0) return;
        var diagonal = Math.Clamp(context.Get(Diagonal), -shape[^2] - 1, shape[^1] + 1);
        context.MayRunInPlace(0, input);
        context.Dispatch(context.Choose(LayoutTriangle.Family.Variants, input))
            .Parameters(new LayoutTriangle.Parameters { Count = checked((int)count), Rows = (int)shape[^2], Columns = (int)shape[^1], Diagonal = (int)diagonal })
            .Constant(LayoutTriangle.Constants.Upper, context.Get(Upper) ? 1 : 0)
            .Bind(LayoutTriangle.Bindings.Source, input)
            .Bind(LayoutTriangle.Bindings.Target, output)
            .Cost(0, 2.0 * output.Bytes)
            .RunLinear((count + 3) / 4, GroupSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) => [context.Builder.Apply("trilu", context.Node.Attributes, context.Upstream)];
}
