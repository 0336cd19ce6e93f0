using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>The sampling grid of an affine transformation: the points of a regular grid times a matrix for each item of the batch. Made of a matrix product.</summary>
public sealed class AffineGrid : Operator, IImportable
{
    /// <summary>Spatial sizes of the picture that will be sampled.</summary>
    public static AttributeDefinition<long[]> Size { get; } = new("size", "Spatial sizes of the result of the sampling: H, W or D, H, W.", required: true) { Minimum = 0 };

    /// <inheritdoc/>
    public override string Name => "affine_grid";

    /// <inheritdoc/>
    public override string Summary => "The grid at which grid_sample shows the affine transformation of a picture or volume.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("theta", "[N, 2, 3] or [N, 3, 4]: a matrix for each item")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Size, GridSample.AlignCorners];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("AffineGrid", 20, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 2, 3)).With(Size, [3, 5]),
        new OperatorSample(Reals(1, 3, 4)).With(Size, [2, 3, 5]).With(GridSample.AlignCorners, true),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (theta, size) = (context.RequireFloat(0), context.Get(Size)!);
        var axes = size.Length;
        if (axes is not (2 or 3)) context.Fail("VKN2403", $"the size [{string.Join(", ", size)}] has {axes} axes; pictures have 2 and volumes 3");
        if (theta.Shape.Rank != 3 || theta.Shape[1] != axes || theta.Shape[2] != axes + 1) context.Fail("VKN2403", $"the matrices are {theta}, but [N, {axes}, {axes + 1}] is needed for a size of {axes} axes");
        return [theta with { Shape = new Shape([theta.Shape[0], .. size, axes]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (theta, size) = (context.Reals(0), context.Get(Size)!);
        var (axes, points) = (size.Length, Points(size, context.Get(GridSample.AlignCorners)));
        var (count, columns) = (points.Length / (axes + 1), axes + 1);
        var result = new double[context.Output(0).Shape.ElementCount];
        for (var i = 0; i < result.Length; i++)
        {
            var (row, point, item) = (i % axes, i / axes % Math.Max(1, count), i / axes / Math.Max(1, count));
            for (var k = 0; k < columns; k++) result[i] += theta[(item * axes + row) * columns + k] * points[point * columns + k];
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        var (size, theta) = (context.Get(Size)!, context.Input(0));
        var points = Tensor.Zeros(theta.DataType, [size.Aggregate(1L, (a, b) => a * b), size.Length + 1]);
        ElementConversion.StoreReals(points, Points(size, context.Get(GridSample.AlignCorners)));
        var product = context.Apply("matmul", AttributeSet.Empty.With(MatMul.TransposeB, true), context.Builder.Constant(points), theta);
        return [context.Apply("reshape", AttributeSet.Empty.With(Layout.Reshape.Shape, [theta.Shape[0], .. size, size.Length]).With(Layout.Reshape.AllowZero, true), product)];
    }

    // Points of the regular grid with a one behind, [points, axes + 1], innermost axis first.
    private static double[] Points(long[] size, bool alignCorners)
    {
        var (axes, count) = (size.Length, size.Aggregate(1L, (a, b) => checked(a * b)));
        var points = new double[checked(count * (axes + 1))];
        for (var i = 0L; i < count; i++)
        {
            var rest = i;
            for (var axis = axes - 1; axis >= 0; axis--)
            {
                var x = rest % size[axis];
                rest /= size[axis];
                points[i * (axes + 1) + axes - 1 - axis] = !alignCorners ? (2.0 * x + 1) / size[axis] - 1 : size[axis] == 1 ? 0 : 2.0 * x / (size[axis] - 1) - 1;
            }
            points[i * (axes + 1) + axes] = 1;
        }
        return points;
    }

    private static Value Import(ImportNode node)
    {
        var size = node.ConstantIntegers(1, "the size")!;
        if (size.Length is not (4 or 5)) node.Fail("VKN3302", $"the size [{string.Join(", ", size)}] has {size.Length} numbers; [N, C, H, W] or [N, C, D, H, W] is needed");
        return node.Emit("affine_grid", AttributeSet.Empty.With(Size, size[2..]).With(GridSample.AlignCorners, node.Integer("align_corners", 0) != 0), node.Input(0));
    }
}
